package load

import "time"

var epoch = time.Now()

// Now returns nanoseconds on the monotonic clock since some moment in the past. Any goroutine may call it.
func Now() int64 { return int64(time.Since(epoch)) }
