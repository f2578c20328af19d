package bench

import (
	"context"
	"errors"
	"testing"
	"time"
)

// TestPipelineChecksBite breaks one promise at a time and expects the run's own checks to notice.
func TestPipelineChecksBite(t *testing.T) {
	quit := make(chan struct{})
	defer close(quit)
	for _, m := range []struct {
		name string
		wrap func(pooled) pooled
	}{
		{"callback_lost", func(w pooled) pooled { return callbackLost{w} }},
		{"callback_twice", func(w pooled) pooled { return callbackTwice{w} }},
		{"callbacks_moved", func(w pooled) pooled { return callbacksMoved{w} }},
		{"callback_of_another", func(w pooled) pooled { return wrongArgument{w} }},
		{"callback_late", func(w pooled) pooled { return &finishedLate{pooled: w} }},
		{"callback_with_another_result", func(w pooled) pooled { return otherResult{w} }},
		{"add_refused", func(w pooled) pooled { return addRefused{w} }},
		{"finish_does_nothing", func(w pooled) pooled { return finishNothing{w} }},
		{"finish_refused", func(w pooled) pooled { return finishRefused{w} }},
		{"waiter_released_early", func(w pooled) pooled { return releasedEarly{w} }},
		{"waiter_without_result", func(w pooled) pooled { return waitNothing{w} }},
		{"waiter_with_another_result", func(w pooled) pooled { return wokenWithout{w} }},
		{"waiter_never_released", func(w pooled) pooled { return neverReleased{w, quit} }},
	} {
		t.Run(m.name, func(t *testing.T) {
			s := subject[pooledFence, uint64]{can: Capability{Contract: true}, open: func(s Sizes) World[pooledFence, uint64] {
				return mutantWorld{NewMutexPool(s), m.wrap}
			}}
			f := s.flow(1, pipelineCase{rate: 50_000})
			f.release = 50 * time.Millisecond
			if err := f.run(200, nothing, nothing); !errors.Is(err, errPipeline) {
				t.Errorf("the run passed: %v", err)
			}
		})
	}
}

// callbacksMoved runs a callback three times and those before and after it not at all: their number is right, and their
// sum.
type callbacksMoved struct{ pooled }

func (w callbacksMoved) Add(f pooledFence, arg uint64) (uint64, bool) {
	switch arg {
	case 50, 52:
		return 0, true
	case 51:
		w.pooled.Add(f, arg)
		w.pooled.Add(f, arg)
	}
	return w.pooled.Add(f, arg)
}

type wrongArgument struct{ pooled }

func (w wrongArgument) Add(f pooledFence, arg uint64) (uint64, bool) { return w.pooled.Add(f, arg^1) }

// finishedLate finishes each fence when the next one comes.
type finishedLate struct {
	pooled
	last pooledFence
}

func (w *finishedLate) Finish(f pooledFence, err error) bool {
	ok := w.last.slot == nil || w.pooled.Finish(w.last, err)
	w.last = f
	return ok
}

type otherResult struct{ pooled }

func (w otherResult) Finish(f pooledFence, _ error) bool { return w.pooled.Finish(f, errResult) }

type addRefused struct{ pooled }

func (w addRefused) Add(f pooledFence, arg uint64) (uint64, bool) {
	t, ok := w.pooled.Add(f, arg)
	return t, ok && arg != 77
}

type finishNothing struct{ pooled }

func (w finishNothing) Finish(pooledFence, error) bool { return true }

type finishRefused struct{ pooled }

func (w finishRefused) Finish(f pooledFence, err error) bool {
	w.pooled.Finish(f, err)
	return false
}

// releasedEarly knows the result before the signal.
type releasedEarly struct{ pooled }

func (w releasedEarly) Wait(context.Context, pooledFence, Strategy) error { return errWoken }

type wokenWithout struct{ pooled }

func (w wokenWithout) Wait(ctx context.Context, f pooledFence, s Strategy) error {
	_ = w.pooled.Wait(ctx, f, s)
	return nil
}

type neverReleased struct {
	pooled
	quit <-chan struct{}
}

func (w neverReleased) Wait(context.Context, pooledFence, Strategy) error {
	<-w.quit
	return nil
}
