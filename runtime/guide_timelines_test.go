package fencert_test

// The code of docs/timelines.md, compiled and run; TestGuide compares.

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	fencert "github.com/fencert/fencert/runtime"
)

type channelMap struct {
	durable atomic.Uint64
	mu      sync.Mutex
	waiting map[uint64]chan struct{}
}

func (m *channelMap) wait(ctx context.Context, n uint64) error {
	if m.durable.Load() >= n {
		return nil
	}
	m.mu.Lock()
	done, ok := m.waiting[n]
	if !ok {
		done = make(chan struct{})
		m.waiting[n] = done
	}
	m.mu.Unlock()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (m *channelMap) advance(n uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.durable.Store(n)
	for position, done := range m.waiting {
		if position <= n {
			close(done)
			delete(m.waiting, position)
		}
	}
}

type durableLog struct {
	durable *fencert.Timeline
}

func openDurableLog(rt *fencert.Runtime, size uint64) (*durableLog, error) {
	durable, err := rt.NewTimeline("log", "durable", fencert.StartAt(size))
	return &durableLog{durable}, err
}

func (g *durableLog) wait(ctx context.Context, position uint64) error {
	return g.durable.Wait(ctx, position)
}

func (g *durableLog) synced(position uint64, err error) {
	if err != nil {
		_ = g.durable.Close(err) // whoever waits for more, now or later, gets this error
		return
	}
	_ = g.durable.Advance(position)
}

// An entry is one of the raft log.
type entry struct {
	index      uint64
	key, value string
}

type store struct {
	applied *fencert.Timeline
	answer  fencert.Handler // runs when a proposal has been applied

	mu     sync.RWMutex
	values map[string]string
}

func (s *store) apply(l *fencert.Local, batch []entry) error {
	s.mu.Lock()
	for _, e := range batch {
		s.values[e.key] = e.value
	}
	s.mu.Unlock()
	return l.Advance(s.applied, batch[len(batch)-1].index)
}

func (s *store) readAt(ctx context.Context, index uint64, key string) (string, error) {
	if err := s.applied.Wait(ctx, index); err != nil {
		return "", err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.values[key], nil
}

func (s *store) whenApplied(l *fencert.Local, index, request uint64) error {
	_, err := l.OnSignal(s.applied.At(index), s.answer, request)
	return err // fencert.ErrSignaled: it has been applied already, and answer won't be called
}

func pollUntil(ctx context.Context, applied *atomic.Uint64, index uint64) error {
	every := time.NewTicker(20 * time.Millisecond)
	defer every.Stop()
	for applied.Load() < index {
		select {
		case <-every.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

func serve(ctx context.Context, applied *fencert.Timeline, index uint64, requests <-chan func()) error {
	reached, stop := applied.At(index).Done()
	defer stop()
	for {
		select {
		case <-reached:
			return applied.At(index).Err() // nil, or the cause of Close
		case request := <-requests:
			request()
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

type condQueue struct {
	mu   sync.Mutex
	done sync.Cond // on mu
	at   uint64
}

func (q *condQueue) wait(n uint64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.at < n {
		q.done.Wait()
	}
}

func (q *condQueue) advance(n uint64) {
	q.mu.Lock()
	q.at = n
	q.mu.Unlock()
	q.done.Broadcast()
}

type queue struct {
	done *fencert.Timeline
}

func (q *queue) submit() (job uint64, err error) { return q.done.Next() }

func (q *queue) wait(ctx context.Context, job uint64) error { return q.done.Wait(ctx, job) }

func (q *queue) finished(job uint64) error { return q.done.Advance(job) }

// TestGuideChannelMap shows that the version with the map has the faults that the guide tells of.
func TestGuideChannelMap(t *testing.T) {
	soon := func() context.Context {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
		t.Cleanup(cancel)
		return ctx
	}
	m := &channelMap{waiting: map[uint64]chan struct{}{}}
	if err := m.wait(soon(), 7); !errors.Is(err, context.DeadlineExceeded) || len(m.waiting) != 1 {
		t.Errorf("a wait that was given up leaves %d entries: %v", len(m.waiting), err)
	}
	m.advance(9)
	if err := m.wait(soon(), 8); err != nil || len(m.waiting) != 0 {
		t.Errorf("at 9: %v, %d entries", err, len(m.waiting))
	}
	m.advance(3)
	if err := m.wait(soon(), 8); err == nil {
		t.Error("it hasn't gone back")
	}

	// The advance comes between the look and the lock, when nothing is in the map yet; on a busy machine not at the first try.
	for range 100 {
		lost := &channelMap{waiting: map[uint64]chan struct{}{}}
		answer := make(chan error)
		lost.mu.Lock()
		go func() { answer <- lost.wait(soon(), 5) }()
		time.Sleep(5 * time.Millisecond)
		lost.durable.Store(5)
		lost.mu.Unlock()
		if err := <-answer; err != nil {
			return
		}
	}
	t.Error("no wake-up was lost")
}

func TestGuideDurable(t *testing.T) {
	rt := guideRuntime(t)
	g, err := openDurableLog(rt, 1000)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	gone := errors.New("gone")
	cancel(gone)
	noDisk := errors.New("no disk")
	early := make(chan error, 2)
	go func() { early <- g.wait(context.Background(), 1500) }()
	go func() { early <- g.wait(context.Background(), 1501) }()
	for _, c := range []struct {
		ctx      context.Context
		position uint64
		want     error
	}{{ctx, 1000, nil}, {ctx, 1001, gone}, {context.Background(), 3, nil}} {
		if err := g.wait(c.ctx, c.position); err != c.want {
			t.Errorf("wait for %d: %v, want %v", c.position, err, c.want)
		}
	}
	g.synced(1500, nil)
	g.synced(1200, nil)
	if g.durable.Value() != 1500 {
		t.Errorf("durable to %d", g.durable.Value())
	}
	g.synced(0, noDisk)
	if a, b := <-early, <-early; errors.Join(a, b) == nil || a != nil && b != nil {
		t.Errorf("the two that waited: %v, %v", a, b)
	}
	if a, b := g.wait(context.Background(), 1500), g.wait(context.Background(), 1501); a != nil || b != noDisk {
		t.Errorf("afterwards: %v, %v", a, b)
	}
}

func TestGuideApplied(t *testing.T) {
	rt := guideRuntime(t)
	s := &store{values: map[string]string{}}
	var answered []uint64
	var err error
	if s.applied, err = rt.NewTimeline("raft", "applied"); err != nil {
		t.Fatal(err)
	}
	s.answer, err = rt.Handler(func(_ *fencert.Local, request uint64, err error) {
		if err == nil {
			answered = append(answered, request)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	l := rt.Local()
	defer l.Close()
	for index := range uint64(3) {
		if err := s.whenApplied(l, 3-index, 103-index); err != nil {
			t.Fatal(err)
		}
	}
	read := make(chan string)
	go func() {
		v, err := s.readAt(context.Background(), 2, "b")
		if err != nil {
			t.Error(err)
		}
		read <- v
	}()
	if err := s.apply(l, []entry{{1, "a", "x"}, {2, "b", "y"}}); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(answered, []uint64{101, 102}) {
		t.Errorf("answered %v", answered)
	}
	if v := <-read; v != "y" {
		t.Errorf("read %q", v)
	}
	if err := s.whenApplied(l, 2, 0); err != fencert.ErrSignaled {
		t.Errorf("a callback on what is applied: %v", err)
	}
	if err := s.applied.Close(nil); err != nil || len(answered) != 2 {
		t.Errorf("%v, answered %v", err, answered)
	}
	if _, err := s.readAt(context.Background(), 3, "b"); err != fencert.ErrCanceled {
		t.Errorf("read beyond the end: %v", err)
	}
}

func TestGuideOthers(t *testing.T) {
	rt := guideRuntime(t)
	var old atomic.Uint64
	time.AfterFunc(time.Millisecond, func() { old.Store(4) })
	if err := pollUntil(context.Background(), &old, 4); err != nil {
		t.Error(err)
	}
	applied, err := rt.NewTimeline("raft", "applied")
	if err != nil {
		t.Fatal(err)
	}
	requests := make(chan func(), 2)
	served := 0
	requests <- func() { served++ }
	requests <- func() { served++; _ = applied.Advance(4) }
	if err := serve(context.Background(), applied, 4, requests); err != nil || served != 2 {
		t.Errorf("%d served: %v", served, err)
	}

	q := new(condQueue)
	q.done.L = &q.mu
	go q.advance(3)
	q.wait(3)
	jobs, err := rt.NewTimeline("queue", "done", fencert.SingleIssuer())
	if err != nil {
		t.Fatal(err)
	}
	n := &queue{jobs}
	for want := range uint64(3) {
		if job, err := n.submit(); job != want+1 || err != nil {
			t.Errorf("job %d: %v", job, err)
		}
	}
	go func() { _ = n.finished(3) }()
	for job := range uint64(3) {
		if err := n.wait(context.Background(), job+1); err != nil {
			t.Error(err)
		}
	}
}

func guideRuntime(t *testing.T) *fencert.Runtime {
	t.Helper()
	rt, err := fencert.New(fencert.Config{Fences: 1024})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := rt.Close(); err != nil {
			t.Error(err)
		}
	})
	return rt
}

type pipeline struct {
	committed *fencert.Timeline
	window    *fencert.CommitWindow
}

func (p *pipeline) commit(ctx context.Context, l *fencert.Local, write func(n uint64) error) error {
	n, err := p.window.Issue(ctx) // waits while the window is full
	if err != nil {
		return err
	}
	if err := write(n); err != nil {
		_ = p.committed.Close(err) // nothing behind n can be committed any more
		return err
	}
	if err := l.Complete(p.window, n); err != nil {
		return err
	}
	return p.committed.Wait(ctx, n)
}

func followDevice(rt *fencert.Runtime, last uint64, word *uint32, ring uint64) (done *fencert.Timeline, stop func() error, err error) {
	done, err = rt.NewTimeline("copy-engine", "done", fencert.StartAt(last))
	if err != nil {
		return nil, nil, err
	}
	source, err := fencert.NewSource(done, word, ring) // no more than ring jobs are under way
	if err != nil {
		return nil, nil, err
	}
	stop, err = source.Start(fencert.Polling{})
	return done, stop, err
}

func tellDevice(l *fencert.Local, writes *fencert.SeqWrites, f fencert.Fence, word *uint64, n uint64) error {
	_, err := l.AttachWrite64(writes, f, word, n)
	return err
}

// TestGuidePipeline: commits of several goroutines, of which one fails.
func TestGuidePipeline(t *testing.T) {
	rt, err := fencert.New(fencert.Config{Fences: 64})
	if err != nil {
		t.Fatal(err)
	}
	line, err := rt.NewTimeline("store", "committed")
	if err != nil {
		t.Fatal(err)
	}
	window, err := fencert.NewCommitWindow(line, 4)
	if err != nil {
		t.Fatal(err)
	}
	p, ctx := &pipeline{line, window}, context.Background()
	failed := errors.New("disk is gone")
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			l := rt.Local()
			defer l.Close()
			for range 50 {
				if err := p.commit(ctx, l, func(uint64) error { return nil }); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if v := line.Value(); v != 150 {
		t.Errorf("committed up to %d", v)
	}
	l := rt.Local()
	defer l.Close()
	if err := p.commit(ctx, l, func(uint64) error { return failed }); err != failed {
		t.Error(err)
	}
	if err := p.commit(ctx, l, func(uint64) error { return nil }); err != failed {
		t.Errorf("after the failure: %v", err)
	}
	if err := rt.Close(); err != nil {
		t.Error(err)
	}
}

// TestGuideDevice: a device's word becomes a timeline, whose point becomes a word for another device.
func TestGuideDevice(t *testing.T) {
	rt, err := fencert.New(fencert.Config{Fences: 64})
	if err != nil {
		t.Fatal(err)
	}
	memory := make([]uint64, 2)
	jobs, answer := (*uint32)(unsafe.Pointer(&memory[0])), &memory[1]
	done, stop, err := followDevice(rt, 0, jobs, 16)
	if err != nil {
		t.Fatal(err)
	}
	writes, err := rt.NewSeqWrites(4)
	if err != nil {
		t.Fatal(err)
	}
	l := rt.Local()
	defer l.Close()
	if err := tellDevice(l, writes, done.At(3), answer, 9); err != nil {
		t.Error(err)
	}
	atomic.StoreUint32(jobs, 2)
	if err := done.Wait(context.Background(), 2); err != nil || atomic.LoadUint64(answer) != 0 {
		t.Errorf("%v, %d", err, atomic.LoadUint64(answer))
	}
	atomic.StoreUint32(jobs, 4)
	if err := done.At(4).Wait(context.Background()); err != nil {
		t.Error(err)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
	if v := atomic.LoadUint64(answer); v != 9 {
		t.Errorf("told %d", v)
	}
	if err := rt.Close(); err != nil {
		t.Error(err)
	}
}
