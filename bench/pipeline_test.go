package bench

import (
	"fmt"
	"math/bits"
	"runtime"
	"testing"
	"time"

	"github.com/fencert/fencert/bench/internal/load"
	"github.com/fencert/fencert/bench/internal/memory"
)

// A pipelineCase is a load: jobs per second of all submitters together, completed out of order or in order, with the
// collector at work or left to what the implementation itself allocates.
type pipelineCase struct {
	rate  int
	out   bool
	heavy bool
}

func (c pipelineCase) String() string {
	order, gc := "in", "off"
	if c.out {
		order = "out"
	}
	if c.heavy {
		gc = "on"
	}
	return fmt.Sprintf("rate=%d/order=%s/gc=%s", c.rate, order, gc)
}

// pipelineCases go from a load that leaves the processors time to one that no implementation bears.
var pipelineCases = []pipelineCase{
	{10_000, false, false}, {100_000, false, false}, {1_000_000, false, false}, {4_000_000, false, false},
	{100_000, true, false}, {1_000_000, true, false},
	{10_000, false, true}, {100_000, false, true}, {1_000_000, false, true},
}

// pipelined are the implementations that BenchmarkPipeline compares.
var pipelined = map[string]bool{"lockfree": true, "mutex": true, "mutexpool": true, "channel": true, "context": true}

// pipelineWeight is the load on the collector of gc=on: some ten collections per second, each of which marks a
// quarter of a million objects.
var pipelineWeight = memory.Weight{Pointers: 1 << 18, Rate: 128 << 20, GOGC: 50}

// BenchmarkPipeline measures latency under load. Submitters arm fences, add a callback to each, and queue them for a
// device, which signals them: pairs of the two, as many as leave one processor to all else, at least one. The jobs come
// at a fixed rate, each has a time at which it is due, and a submitter that is late doesn't skip any: an open loop, see
// package load.
//
// signal-cb is the time from the device's call of Signal to the callback's run, of each job. signal-wake is the time
// from that call until a waiter knows, which was parked long before; some thousand jobs per second are waited for.
// total is the time from when a job was due to its callback's run. With order=out a device completes batches of sixteen
// in a drawn order, as soon as the last of a batch has come; that last one's time is when they all are due. All are
// given as percentiles and the longest; a percentile that too few jobs lie beyond is left out. ns/op is the mean of
// total.
//
// rate-ops/s is what is offered, done-ops/s what was done. Where that is less, the system is overloaded: queues are
// full, and total says how long the load has been going on rather than anything else. signal-cb and signal-wake are
// service times: a stall of the device shows in total alone.
//
// busy/cpu tells how many submitters and devices there are for each processor. They spin, and yield to whoever can run
// once in about a microsecond; on one processor they take turns, and each latency has a switch of goroutines in it.
// gc=on adds a goroutine that allocates at a fixed rate, and a live heap full of pointers; GCs/s says what came of it.
// impl=noop hands the callback from the submitter to the device and does nothing else; it has no waiters.
func BenchmarkPipeline(b *testing.B) {
	for _, c := range pipelineCases {
		for _, s := range subjects {
			if pipelined[s.name()] {
				measure(b, c.String(), s.name(), s.pipeline(c))
			}
		}
		measure(b, c.String(), directSubject.name(), directSubject.pipeline(c))
	}
}

// pairs is how many submitters, and devices, there are on so many processors: as many as leave one to all the others,
// but one pair at least.
func pairs(procs int) int { return max(1, (procs-1)/2) }

// waitedEvery returns that one job in how many is waited for at a rate: some thousand per second, so that waking, which
// takes microseconds of the device, doesn't become the whole load.
func waitedEvery(rate int) int { return max(4, 1<<bits.Len(uint(rate/8000))) }

func (s subject[F, T]) pipeline(c pipelineCase) opener {
	return func(procs int) rig {
		f := s.flow(pairs(procs), c)
		var pressure *memory.Pressure
		if c.heavy {
			pressure = memory.Press(pipelineWeight)
		}
		run := func(b *testing.B) {
			duty := s.can.contended()
			if c.heavy {
				duty = blocks
			}
			var (
				m      meter
				before allocated
			)
			err := f.run(b.N, func() {
				before = allocations(pressure)
				m = startMeter(b)
			}, func() {
				wall := m.stop(b, 2*pairs(procs), duty)
				allocations(pressure).report(b, before, wall)
			})
			if err != nil {
				b.Fatal(err)
			}
			f.report(b)
			b.ReportMetric(float64(2*pairs(procs))/float64(min(procs, runtime.NumCPU())), "busy/cpu")
		}
		return rig{run, func() error {
			if pressure != nil {
				pressure.Stop()
			}
			return f.close()
		}}
	}
}

// allocated is what a process has allocated but for a pressure's part, and how often the collector has run.
type allocated struct{ collections, objects, bytes float64 }

func allocations(p *memory.Pressure) allocated {
	all := memory.Read()
	a := allocated{float64(all.Collections), float64(all.Objects), float64(all.Bytes)}
	if p != nil {
		objects, bytes := p.Allocated()
		a.objects -= float64(objects)
		a.bytes -= float64(bytes)
	}
	return a
}

// report hands on what was allocated since before, in place of what the testing package finds, which has the pressure
// in it.
func (a allocated) report(b *testing.B, before allocated, wall time.Duration) {
	b.ReportMetric((a.collections-before.collections)/wall.Seconds(), "GCs/s")
	b.ReportMetric(max(0, a.objects-before.objects)/float64(b.N), "allocs/op")
	b.ReportMetric(max(0, a.bytes-before.bytes)/float64(b.N), "B/op")
}

// report hands on what the last run brought.
func (f *flow[F, T]) report(b load.Reporter) {
	o := f.outcome()
	b.ReportMetric(float64(f.load.rate), "rate-ops/s")
	b.ReportMetric(o.done, "done-ops/s")
	b.ReportMetric(o.total.Mean(), "ns/op")
	o.total.Report(b, "total-")
	o.callback.Report(b, "signal-cb-")
	o.wake.Report(b, "signal-wake-")
}
