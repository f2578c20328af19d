package wheel

import (
	"testing"
	"time"
)

// TestFlushCloseBehindTheValue: where points are rounded, the box alone can't tell a point just above the value from a due one.
// A Flush looks, whether somebody advances after it or not.
func TestFlushCloseBehindTheValue(t *testing.T) {
	for _, value := range []uint64{7, 1<<mantissa - 1, 1 << mantissa, 1<<mantissa + 1, 1<<39 - 2, 1 << 62, MaxPoint - 1} {
		for _, byAdvance := range []bool{false, true} {
			p, err := NewPool(8, func(*Wheel) { t.Error("handed over") })
			if err != nil {
				t.Fatal(err)
			}
			var w Wheel
			var o Owner
			o.Init(p)
			if byAdvance {
				w.Init(p, 0)
				o.Advance(&w, value)
			} else {
				w.Init(p, value)
			}
			mustAdd(t, &w, &o, value+1, 1)
			flushed := make(chan error)
			go func() {
				var other Owner
				other.Init(p)
				flushed <- other.Flush(&w)
				other.Close()
			}()
			select {
			case err := <-flushed:
				if err != nil || !w.Delivered(value) {
					t.Errorf("value %#x: %v, delivered %v", value, err, w.Delivered(value))
				}
			case <-time.After(5 * time.Second):
				t.Fatalf("value %#x: a Flush with nothing due doesn't return", value)
			}
			if got := len(advanced(&w, &o, value+1)); got != 1 {
				t.Errorf("value %#x: %d callbacks", value, got)
			}
		}
	}
}
