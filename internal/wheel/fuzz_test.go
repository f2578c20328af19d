package wheel

import (
	"errors"
	"testing"
)

// FuzzCancel cancels by any number as a Ticket. Only the one of a pending callback is accepted, once.
func FuzzCancel(f *testing.F) {
	f.Add(uint64(0))
	f.Fuzz(func(t *testing.T, number uint64) {
		if number>>generationShift == 0 && number != 0 {
			return // generations begin with 1: no Ticket that was handed out looks like that
		}
		w, o := newOwned(t, 4)
		first, over, last := mustAdd(t, w, o, 5, 1), mustAdd(t, w, o, 6, 2), mustAdd(t, w, o, 1<<60, 3)
		if !o.Cancel(w, over) {
			t.Fatal("not canceled")
		}
		x := Ticket(number)
		want := x == first || x == last
		if w.pool.Finished(x) == want {
			t.Errorf("%#x is finished: %v", number, !want)
		}
		if o.Cancel(w, x) != want || o.Cancel(w, x) {
			t.Errorf("%#x; the tickets are %#x, %#x", number, uint64(first), uint64(last))
		}
		if n := len(advanced(w, o, MaxPoint)); want && n != 1 || !want && n != 2 {
			t.Errorf("%d ran", n)
		}
	})
}

// FuzzAdd: any point, any handler and any value to begin at.
func FuzzAdd(f *testing.F) {
	f.Add(uint64(0), uint64(1), uint32(1), uint64(2))
	f.Fuzz(func(t *testing.T, value, point uint64, handler uint32, to uint64) {
		p, err := NewPool(4, func(*Wheel) { t.Error("handed over") })
		if err != nil {
			t.Fatal(err)
		}
		var w Wheel
		var o Owner
		value &= MaxPoint
		w.Init(p, value)
		o.Init(p)
		ticket, err := o.Add(&w, point, handler, 1)
		want := error(nil)
		switch {
		case point > MaxPoint || handler > MaxHandler:
			want = ErrRange
		case point <= value:
			want = ErrSignaled
		}
		if !errors.Is(err, want) {
			t.Fatalf("Add: %v, want %v", err, want)
		}
		_, due := o.Advance(&w, to)
		c, ok := Callback{}, false
		if due {
			c, ok = o.Next(&w)
		}
		if reached := err == nil && to >= point && to <= MaxPoint; ok != reached || ok && (c.Point != point || c.Handler != handler || c.Arg != 1) {
			t.Errorf("value %#x, point %#x, to %#x: delivered %v, %+v", value, point, to, ok, c)
		}
		if ok {
			o.Next(&w)
		}
		if err == nil && p.Finished(ticket) != ok {
			t.Errorf("finished: %v", !ok)
		}
	})
}
