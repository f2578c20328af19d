package commit

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// A Load is the work that is measured: writers that commit one record after the other.
type Load struct {
	Way     Way
	Writers int
	Payload int    // bytes of each record, 8 or more
	Dir     string // where the file lies while it runs
}

// An Outcome is what a load has done.
type Outcome struct {
	Wall      time.Duration
	Latencies []time.Duration // of each commit, sorted
	Flushed   Flushed
	Syncing   time.Duration // in the calls of write and sync
}

// ErrLost tells that the file doesn't hold what was acknowledged.
var ErrLost = errors.New("commit: what was acknowledged is not in the file")

// A stopwatch is a file that knows how long its calls took. Only the syncing goroutine uses it.
type stopwatch struct {
	*os.File
	spent time.Duration
}

func (s *stopwatch) Write(b []byte) (int, error) {
	start := time.Now()
	n, err := s.File.Write(b)
	s.spent += time.Since(start)
	return n, err
}

func (s *stopwatch) Sync() error {
	start := time.Now()
	err := s.File.Sync()
	s.spent += time.Since(start)
	return err
}

// Run commits n records and calls begin before the first and end after the last. What it needs is allocated before begin, and
// looking whether the file holds each record once comes after end.
func (l Load) Run(n int, begin, end func()) (o Outcome, err error) {
	mark, err := l.Way.New(l.Writers)
	if err != nil {
		return o, err
	}
	defer mark.Close()
	f, err := os.CreateTemp(l.Dir, "commit-*.log")
	if err != nil {
		return o, err
	}
	defer func() { err = errors.Join(err, os.Remove(f.Name())) }()
	file := &stopwatch{File: f}
	log := New(file, 0, mark)
	o.Latencies = make([]time.Duration, n)
	ends := make([]uint64, n)
	wall, err := l.write(log, o.Latencies, ends, begin, end)
	if err := errors.Join(err, log.Close()); err != nil {
		return o, err
	}
	o.Wall, o.Flushed, o.Syncing = wall, log.Flushed(), file.spent
	slices.Sort(o.Latencies)
	return o, l.check(f.Name(), ends)
}

// write has the writers commit the records 0 to len(ends)-1 and notes how long each took and where it ended.
func (l Load) write(log *Log, latencies []time.Duration, ends []uint64, begin, end func()) (time.Duration, error) {
	var (
		next    atomic.Int64
		ready   sync.WaitGroup
		writing sync.WaitGroup
		failed  atomic.Pointer[error]
		started = make(chan struct{})
	)
	ready.Add(l.Writers)
	for range l.Writers {
		payload := make([]byte, l.Payload)
		writing.Go(func() {
			ready.Done()
			<-started
			for i := int(next.Add(1)) - 1; i < len(ends); i = int(next.Add(1)) - 1 {
				fill(payload, uint64(i))
				start := time.Now()
				position, err := log.Commit(context.Background(), payload)
				latencies[i], ends[i] = time.Since(start), position
				if err != nil {
					failure := err // err itself shall not go to the heap
					failed.CompareAndSwap(nil, &failure)
					return
				}
			}
		})
	}
	ready.Wait()
	begin()
	start := time.Now()
	close(started)
	writing.Wait()
	wall := time.Since(start)
	end()
	if err := failed.Load(); err != nil {
		return wall, *err
	}
	return wall, nil
}

// fill makes the payload of record i.
func fill(payload []byte, i uint64) {
	binary.LittleEndian.PutUint64(payload, i)
	for k := 8; k < len(payload); k++ {
		payload[k] = byte(i) + byte(k)
	}
}

// check reads the file: each record is there once, with its own payload, and ends where its writer was told.
func (l Load) check(path string, ends []uint64) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	found, want := 0, make([]byte, l.Payload)
	_, err = Scan(bufio.NewReaderSize(f, 1<<16), func(end uint64, payload []byte) error {
		if len(payload) != l.Payload {
			return fmt.Errorf("%w: a record of %d bytes ends at %d", ErrLost, len(payload), end)
		}
		i := binary.LittleEndian.Uint64(payload)
		if i >= uint64(len(ends)) || ends[i] != end {
			return fmt.Errorf("%w: record %d ends at %d", ErrLost, i, end)
		}
		if fill(want, i); !slices.Equal(payload, want) {
			return fmt.Errorf("%w: record %d has another payload", ErrLost, i)
		}
		ends[i] = 0 // not twice
		found++
		return nil
	})
	if err == nil && found != len(ends) {
		err = fmt.Errorf("%w: %d of %d records", ErrLost, found, len(ends))
	}
	return err
}

// Report hands the outcome's metrics to a benchmark: commits/s; p50-ns and p99-ns of a commit's latency, from before
// Append until its wait has returned; commits/sync; and flush-ns, the mean time of a write with its sync, which tells what disk it
// was.
func (o Outcome) Report(b interface {
	ReportMetric(value float64, unit string)
}) {
	n := len(o.Latencies)
	b.ReportMetric(float64(n)/o.Wall.Seconds(), "commits/s")
	b.ReportMetric(float64(o.percentile(50)), "p50-ns")
	b.ReportMetric(float64(o.percentile(99)), "p99-ns")
	syncs := float64(max(1, o.Flushed.Syncs))
	b.ReportMetric(float64(n)/syncs, "commits/sync")
	b.ReportMetric(float64(o.Syncing)/syncs, "flush-ns")
}

// percentile returns the smallest latency that p percent do not exceed.
func (o Outcome) percentile(p int) time.Duration {
	return o.Latencies[max(0, (len(o.Latencies)*p+99)/100-1)]
}
