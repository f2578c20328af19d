// Package memory is what measuring memory takes: how much of it there is, what the collector costs, and a goroutine
// that keeps the collector at work.
package memory
