package bench

import (
	"testing"

	fencert "github.com/fencert/fencert/runtime"
)

// A lineImplementation is one line of the table of implementations of timelines; see implementation.
type lineImplementation interface {
	name() string
	capability() LineCapability

	advance(c advanceCase) opener
	advanceTwo(armed bool) opener
	advanceBatch(batch int) opener
	addAdvance(c strideCase) opener
	doneAdvance(pending int) opener
	waitAt(goroutines int) opener
	cancel(pending int) opener
	poll() opener
	jump(points int) opener

	conform(t *testing.T)
}

// A lineSubject is an implementation of timelines with its types.
type lineSubject[L comparable, T any] struct {
	label string
	can   LineCapability
	open  func(LineSizes) LineWorld[L, T]
}

func (s lineSubject[L, T]) name() string               { return s.label }
func (s lineSubject[L, T]) capability() LineCapability { return s.can }

// lineSubjects is the table: what is measured, in the order in which it is printed.
var lineSubjects = []lineImplementation{
	lineSubject[*fencert.Timeline, fencert.Ticket]{"lockfree", LineCapability{
		Contract: true, Callbacks: true, Done: true, Waits: true,
	}, NewLockfreeLines},
	lineSubject[*heapLine, pointTicket]{"mutexheap", LineCapability{
		Contract: true, Callbacks: true, Done: true, Waits: true, Blocks: true,
	}, NewMutexHeap},
	lineSubject[*mapLine, mapTicket]{"mutexmap", LineCapability{
		Contract: true, Callbacks: true, Done: true, Waits: true, Blocks: true, Allocates: true,
	}, NewMutexMap},
	lineSubject[*condLine, struct{}]{"cond", LineCapability{Contract: true, Waits: true, Blocks: true}, NewCond},
	lineSubject[*noopLine, uint64]{"noop", LineCapability{Callbacks: true}, NewNoopLines},
	lineSubject[*limitTimeline, uint64]{"limit", LineCapability{Callbacks: true}, NewLimitLines},
}

// withCallbacks are the subjects for rows that add callbacks.
func withCallbacks() (some []lineImplementation) {
	for _, s := range lineSubjects {
		if s.capability().Callbacks {
			some = append(some, s)
		}
	}
	return some
}
