package sharedtimeline

// The compiler inlines methods only of packages that are imported directly, not of those that are reached
// through an alias: without this line every operation of atomicx would be a call. A test looks.
import _ "sync/atomic"
