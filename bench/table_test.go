package bench

import (
	"testing"
	"time"

	fencert "github.com/fencert/fencert/runtime"
)

// An implementation is one line of the table of subjects. Each method is one row of
// the suite, made for the implementation's own types.
type implementation interface {
	name() string
	capability() Capability

	lifecycle(callbacks int) opener
	lifecycleHeld(callbacks int) opener
	batchAdd(callbacks int) opener
	poll(fences int) opener
	add(goroutines int) opener
	cancel(pending int) opener
	fanOut(callbacks int) opener
	crossCore() opener
	wake(s Strategy, parked time.Duration) opener
	wakeMany(waiters int) opener
	gc(pending int) opener
	pipeline(c pipelineCase) opener
	memory(c memoryCase) opener

	conform(t *testing.T)
	pipe(t *testing.T)
	remember(t *testing.T)
	foretell(t *testing.T)
}

// A subject is an implementation with its types. The generic bodies are its
// methods, next to the benchmarks that use them.
type subject[F comparable, T any] struct {
	label string
	can   Capability
	open  func(Sizes) World[F, T]
}

func (s subject[F, T]) name() string           { return s.label }
func (s subject[F, T]) capability() Capability { return s.can }

// ours is what the runtime keeps, with a Local or without.
var ours = Capability{
	Contract: true, Ordered: true, OnSignaler: true, StaleErr: fencert.ErrStale,
	Waits: []Strategy{Park, Spin, Adaptive},
}

// subjects is the table: what is measured, in the order in which it is printed.
var subjects = []implementation{
	subject[fencert.Issuer, fencert.Ticket]{"lockfree", ours, NewLockfree},
	subject[fencert.Issuer, fencert.Ticket]{"implicit", ours, NewImplicit},
	subject[*mutexFence, uint64]{"mutex", Capability{
		Contract: true, Ordered: true, OnSignaler: true,
		Waits: []Strategy{Park, Spin}, Blocks: true, Allocates: true,
	}, NewMutex},
	subject[pooledFence, uint64]{"mutexpool", Capability{
		Contract: true, Ordered: true, OnSignaler: true, StaleErr: ErrStale,
		Waits: []Strategy{Park, Spin}, Blocks: true,
	}, NewMutexPool},
	subject[*channelFence, uint64]{"channel", Capability{
		Contract: true, Ordered: true,
		Waits: []Strategy{Park}, Blocks: true, HandsOff: true, Allocates: true,
	}, NewChannel},
	subject[*contextFence, contextTicket]{"context", Capability{
		Contract: true,
		Waits:    []Strategy{Park}, Blocks: true, HandsOff: true, Allocates: true,
		MaxPending: 100_000, // 400 bytes each
	}, NewContext},
	subject[*heapFence, *heapNode]{"heap", Capability{
		Contract: true, Ordered: true, OnSignaler: true,
		Waits: []Strategy{Park, Spin}, Allocates: true,
	}, NewHeap},
	subject[uint64, uint64]{"noop", Capability{}, NewNoop},
	subject[limitFence, uint64]{"limit", Capability{Waits: []Strategy{Spin}}, NewLimit},
}
