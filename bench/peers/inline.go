package peers

// The compiler inlines methods only of packages that are imported directly, not of those that are reached
// through an alias: without this line every operation of atomicx would be a call.
import _ "sync/atomic"
