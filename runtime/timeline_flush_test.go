package fencert

import (
	"context"
	"testing"
	"time"
)

// TestFlushOfALongLog: beyond 2^35 the points that wait are known rounded. Flush has nothing to wait for all the same, and
// returns, however close the next callback is, and nobody need advance for that.
func TestFlushOfALongLog(t *testing.T) {
	for _, value := range []uint64{3, 1 << 35, 1<<39 - 2, MaxPoint - 1} {
		x := newLined(t, StartAt(value-1))
		x.advance(value)
		ticket := x.on(value + 1)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		x.want("Flush", x.t.Flush(ctx), nil)
		cancel()
		if !x.t.At(value).CallbacksDone() || x.t.At(value+1).CallbacksDone() {
			t.Errorf("value %#x: CallbacksDone", value)
		}
		if !x.l.Cancel(ticket) {
			t.Error("not canceled")
		}
	}
}
