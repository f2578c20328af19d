package epoch

import (
	"fmt"
	"runtime"
	"testing"
)

// throwing registers a function that panics or exits the goroutine, by its argument's
// lowest digits: 1 panics, 2 exits, else returns.
func throwing(t *testing.T, d *Domain, ran *[]uint64) ReclaimerID {
	return reclaimer(t, d, func(arg uint64) {
		*ran = append(*ran, arg)
		switch arg % 10 {
		case 1:
			panic(fmt.Sprint("from ", arg))
		case 2:
			runtime.Goexit()
		}
	})
}

// TestPanicDoesntStopTheOthers: all that is due runs once, in order, whatever mixture
// of panics and exits is among it; the first panic comes out of Collect, and the
// participant works on.
func TestPanicDoesntStopTheOthers(t *testing.T) {
	long := []uint64{0, 11}
	for i := range uint64(3 * batchSize) {
		long = append(long, 100*i+i%3)
	}
	for name, c := range map[string]struct {
		args   []uint64
		out    any // nil: the goroutine exits, or returns
		panics uint64
	}{
		"one":             {[]uint64{10, 21, 30}, "from 21", 0},
		"last":            {[]uint64{10, 21}, "from 21", 0},
		"two":             {[]uint64{11, 20, 31, 40}, "from 11", 1},
		"exit":            {[]uint64{10, 22, 30}, nil, 0},
		"two exits":       {[]uint64{12, 22, 30}, nil, 0},
		"exit then panic": {[]uint64{12, 21, 30, 42, 51, 60}, nil, 2},
		"panic then exit": {[]uint64{11, 22, 30, 41, 50}, nil, 1},
		"many":            {long, nil, 16},
	} {
		t.Run(name, func(t *testing.T) {
			d, id, plain := newDomain(t, Config{})
			var ran []uint64
			bad := throwing(t, d, &ran)
			p := register(t, d)
			// Half of it from a participant that is gone.
			gone := register(t, d)
			half := len(c.args) / 2
			retire(t, p, bad, c.args[:half]...)
			retire(t, gone, bad, c.args[half:]...)
			if err := gone.Unregister(); err != nil {
				t.Fatal(err)
			}
			p.Collect()
			out := make(chan any, 1)
			go func() {
				var v any
				defer func() { out <- v }()
				defer func() { v = recover() }()
				p.Collect()
			}()
			if v := <-out; v != c.out {
				t.Errorf("out of Collect came %v, want %v", v, c.out)
			}
			wantRan(t, &ran, c.args...)
			if st := d.Stats(); st.Panics != c.panics || st.Retired != 0 || st.Orphans != 0 {
				t.Errorf("%+v", st)
			}
			retire(t, p, id, 1)
			if n := collect(p, 2); n != 1 {
				t.Errorf("afterwards %d of 1 ran", n)
			}
			wantRan(t, plain, 1)
			if err := p.Unregister(); err != nil {
				t.Error(err)
			}
		})
	}
}
