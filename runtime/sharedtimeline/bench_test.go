package sharedtimeline

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	fencert "github.com/fencert/fencert/runtime"
)

// How the cost of sharing is measured. Each other process is this binary again, in a role. R, in which the project counts, is
// BenchmarkSharedUnit.

// BenchmarkSharedUnit is an atomic add that nobody disturbs.
func BenchmarkSharedUnit(b *testing.B) {
	n := new(atomic.Uint64)
	for range b.N {
		n.Add(1)
	}
}

// BenchmarkSharedPoll is a poll of one point: over=memory is what New makes; over=file may be cut, so each poll is guarded; over=view is
// a file in a Guard.
func BenchmarkSharedPoll(b *testing.B) {
	needed(b)
	file, _ := created(b, 10)
	memory, err := New("poll", 10)
	if err == nil {
		closing(b, memory)
	}
	for _, point := range []struct {
		name string
		n    uint64
	}{{"reached", 10}, {"pending", 11}} {
		yes := point.n == 10
		poll := func(b *testing.B, m *Mapping) {
			b.ReportAllocs()
			good := 0
			for range b.N {
				if m.Signaled(point.n) == yes {
					good++
				}
			}
			if good != b.N {
				b.Error("a wrong answer")
			}
		}
		b.Run("point="+point.name+"/over=file", func(b *testing.B) { poll(b, file) })
		b.Run("point="+point.name+"/over=view", func(b *testing.B) {
			b.ReportAllocs()
			_ = file.Guard(func(v View) error {
				good := 0
				for range b.N {
					if v.Signaled(point.n) == yes {
						good++
					}
				}
				if good != b.N {
					b.Error("a wrong answer")
				}
				return nil
			})
		})
		if memory != nil {
			b.Run("point="+point.name+"/over=memory", func(b *testing.B) { poll(b, memory) })
		}
	}
}

// BenchmarkSharedAdvance is an advance for which nobody sleeps, and the issue of a number.
func BenchmarkSharedAdvance(b *testing.B) {
	file, _ := created(b, 0)
	w := must(file.Claim())
	b.ReportAllocs()
	for b.Loop() {
		n, _ := w.Next()
		if w.Advance(n) != nil {
			b.Fatal("it wasn't moved")
		}
	}
}

// strategies of a benchmark.
var strategies = []struct {
	name string
	s    fencert.Strategy
}{{"spin", fencert.Spin}, {"park", fencert.Park}, {"adaptive", fencert.SpinThenPark}}

// BenchmarkSharedPingPong is a round trip: another process answers each step by the same.
func BenchmarkSharedPingPong(b *testing.B) {
	for _, s := range strategies {
		b.Run("strategy="+s.name+"/impl=shared", func(b *testing.B) {
			there, therePath := created(b, 0)
			back, backPath := created(b, 0)
			w := must(there.Claim())
			p := start(b, nil, "pong", therePath, backPath, uint64(s.s))
			defer p.kill()
			if said := p.line(); said != "answers" {
				b.Fatal(said)
			}
			n := uint64(0)
			b.ReportAllocs()
			for b.Loop() {
				n += stride
				if err := w.Advance(n); err != nil {
					b.Fatal(err)
				}
				if err := back.WaitWith(context.Background(), n, s.s); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("strategy=park/impl=pipe", func(b *testing.B) {
		needed(b)
		p := start(b, nil, "echo")
		defer p.kill()
		bounce(b, p.in, p.out)
	})
	b.Run("strategy=park/impl=unix", func(b *testing.B) {
		needed(b)
		path := filepath.Join(b.TempDir(), "socket")
		l := must(net.Listen("unix", path))
		defer l.Close()
		p := start(b, nil, "echo", path)
		defer p.kill()
		c := must(l.Accept())
		defer c.Close()
		bounce(b, c, c)
	})
}

// bounce sends 8 bytes and waits for them to come back.
func bounce(b *testing.B, w io.Writer, r io.Reader) {
	var buffer [8]byte
	n := uint64(0)
	b.ReportAllocs()
	for b.Loop() {
		n += stride
		binary.NativeEndian.PutUint64(buffer[:], n)
		if _, err := w.Write(buffer[:]); err != nil {
			b.Fatal(err)
		}
		if _, err := io.ReadFull(r, buffer[:]); err != nil {
			b.Fatal(err)
		}
		if binary.NativeEndian.Uint64(buffer[:]) != n {
			b.Fatal("a wrong answer")
		}
	}
}

// echoRole sends back what it reads from its standard input, or from a socket: "echo [socket]".
func echoRole(a []string) error {
	r, w := io.Reader(os.Stdin), io.Writer(os.Stdout)
	if len(a) > 0 {
		c, err := net.Dial("unix", a[0])
		if err != nil {
			return err
		}
		r, w = c, c
	}
	var buffer [8]byte
	for {
		if _, err := io.ReadFull(r, buffer[:]); err != nil {
			return nil // the other end has gone
		}
		if _, err := w.Write(buffer[:]); err != nil {
			return nil
		}
	}
}

// clock is nanoseconds on a clock that all processes share, and that costs no system call.
func clock() uint64 { return uint64(time.Now().UnixNano()) }

// wakeGap is how long the waiter has been waiting when it is woken.
const wakeGap = 100 * time.Microsecond

// wokenRole waits for each point, answers in another file, and tells at the end when they came: "woken file back strategy count".
func wokenRole(a []string) error {
	m, err := Open(a[0])
	if err != nil {
		return err
	}
	w := must(must(Open(a[1])).Claim())
	s, count := fencert.Strategy(number(a[2])), number(a[3])
	times := make([]byte, 0, 8*count)
	fmt.Println("waits")
	for n := uint64(1); n <= count; n++ {
		if err := m.WaitWith(context.Background(), n, s); err != nil {
			return err
		}
		times = binary.NativeEndian.AppendUint64(times, clock())
		if err := w.Advance(n); err != nil {
			return err
		}
	}
	_, err = os.Stdout.Write(times)
	return err
}

// BenchmarkSharedWake is the way from an advance to a waiter in another process, which has been waiting for 100 us: p50-ns and p99-ns
// are percentiles of that, writer-ns the median of what the call of Advance takes. ns/op has the pauses in it and says nothing.
func BenchmarkSharedWake(b *testing.B) {
	needed(b)
	for _, s := range strategies[:2] {
		b.Run("strategy="+s.name+"/impl=shared", func(b *testing.B) {
			m, path := created(b, 0)
			w := must(m.Claim())
			back, backPath := created(b, 0)
			p := start(b, nil, "woken", path, backPath, uint64(s.s), b.N)
			defer p.kill()
			if said := p.line(); said != "waits" {
				b.Fatal(said)
			}
			sent := make([]uint64, b.N)
			paid := make([]uint64, b.N)
			for k := range b.N {
				for s.s == fencert.Park && sleepers(&m.line.h.turn) == 0 {
					runtime.Gosched()
				}
				for since := clock(); clock()-since < uint64(wakeGap); { // as testdata/futex.c: this processor stays warm
					runtime.Gosched()
				}
				sent[k] = clock()
				if err := w.Advance(uint64(k) + 1); err != nil {
					b.Fatal(err)
				}
				paid[k] = clock() - sent[k]
				if err := back.WaitWith(context.Background(), uint64(k)+1, fencert.Spin); err != nil {
					b.Fatal(err)
				}
			}
			times := make([]byte, 8*b.N)
			if _, err := io.ReadFull(p.out, times); err != nil {
				b.Fatal(err)
			}
			took := make([]uint64, b.N)
			for k := range took {
				took[k] = binary.NativeEndian.Uint64(times[8*k:]) - sent[k]
			}
			reportPercentiles(b, took)
			slices.Sort(paid)
			b.ReportMetric(float64(paid[len(paid)/2]), "writer-ns")
		})
	}
	b.Run("strategy=park/impl=c", func(b *testing.B) {
		reportPercentiles(b, futexInC(b, "wake", b.N))
	})
}

// BenchmarkSharedPingPongInC is the round trip of two processes in C by bare futexes: the measure for strategy=park.
func BenchmarkSharedPingPongInC(b *testing.B) {
	took := futexInC(b, "pingpong", b.N)
	b.ReportMetric(float64(took[0])/float64(b.N), "ns/op")
}

func reportPercentiles(b *testing.B, took []uint64) {
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2]), "p50-ns")
	b.ReportMetric(float64(took[len(took)*99/100]), "p99-ns")
}
