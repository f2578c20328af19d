package fencert

import "slices"

// A reference is fences and timelines together in the plainest words: slices, and a queue of callbacks to be run. It has no
// order between the callbacks of different fences and timelines, since none is promised, and what its callbacks do comes to
// the same in each order.
type reference struct {
	seqno     uint64
	fences    []plainFence
	lines     []plainLine
	callbacks []plainCallback
	queue     []plainRun
}

type plainFence struct {
	seqno                    uint64
	signaled, dropped, ended bool
	result                   error
	holds                    int
}

type plainLine struct {
	value, issued uint64
	closed        bool
	cause         error
}

// A plainCallback waits for a fence, or for a point of a line when fence is none, and then does something.
type plainCallback struct {
	fence, line int
	point       uint64
	gone        bool // ran, or was canceled
	does        plainAction
}

// A plainAction is what a callback does: finish a fence, advance a line, or nothing when both are none.
type plainAction struct {
	fence, line int
	value       uint64
}

const none = -1

// A plainRun is one call of a callback.
type plainRun struct {
	callback int
	result   error
}

// drain runs what is due, and what that makes due, and returns it.
func (m *reference) drain() (ran []plainRun) {
	for len(m.queue) > 0 {
		r := m.queue[0]
		m.queue = m.queue[1:]
		ran = append(ran, r)
		if a := m.callbacks[r.callback].does; a.fence != none {
			_ = m.signal(a.fence, errno(a.fence+1), true)
		} else if a.line != none {
			_ = m.advance(a.line, a.value)
		}
	}
	return ran
}

// due puts those callbacks into the queue that are waiting and match.
func (m *reference) due(result error, match func(plainCallback) bool) {
	for c := range m.callbacks {
		if k := &m.callbacks[c]; !k.gone && match(*k) {
			k.gone = true
			m.queue = append(m.queue, plainRun{c, result})
		}
	}
}

func (m *reference) signal(f int, result error, drop bool) error {
	x := &m.fences[f]
	switch {
	case x.dropped:
		return ErrStale
	case x.signaled:
		return ErrSignaled
	}
	x.signaled, x.dropped, x.result = true, drop, result
	m.due(result, func(k plainCallback) bool { return k.fence == f })
	m.settle(f)
	return nil
}

func (m *reference) drop(f int) error {
	x := &m.fences[f]
	if x.dropped {
		return ErrStale
	}
	if !x.signaled {
		return m.signal(f, ErrCanceled, true)
	}
	x.dropped = true
	m.settle(f)
	return nil
}

func (m *reference) settle(f int) {
	x := &m.fences[f]
	x.ended = x.dropped && x.holds == 0
}

func (m *reference) err(f int) error {
	switch x := m.fences[f]; {
	case x.ended:
		return ErrStale
	case !x.signaled:
		return ErrPending
	default:
		return x.result
	}
}

func (m *reference) pointErr(k int, n uint64) error {
	switch x := m.lines[k]; {
	case n > MaxPoint:
		return ErrRange
	case n <= x.value:
		return nil
	case x.closed:
		return x.cause
	}
	return ErrPending
}

func (m *reference) advance(k int, n uint64) error {
	x := &m.lines[k]
	switch {
	case n > MaxPoint:
		return ErrRange
	case x.closed:
		return x.cause
	case n <= x.value:
		return ErrSignaled
	}
	x.value = n
	m.due(nil, func(c plainCallback) bool { return c.fence == none && c.line == k && c.point <= n })
	return nil
}

func (m *reference) closeLine(k int, cause error) error {
	x := &m.lines[k]
	if x.closed {
		return ErrTimelineClosed
	}
	x.closed, x.cause = true, cause
	m.due(cause, func(c plainCallback) bool { return c.fence == none && c.line == k })
	return nil
}

func (m *reference) next(k int, count uint64) (uint64, error) {
	x := &m.lines[k]
	if count-1 >= 1<<31 || MaxPoint-x.issued < count {
		if count-1 < 1<<31 {
			x.issued = MaxPoint // ended
		}
		return 0, ErrRange
	}
	x.issued += count
	return x.issued - count + 1, nil
}

// add is told what is waited for, by callbacks with ids that rise, and answers as the first of them.
func (m *reference) add(added ...plainCallback) error {
	for _, c := range added {
		err := error(nil)
		if c.fence != none {
			if m.err(c.fence) != ErrPending {
				err = ErrSignaled
			}
		} else if e := m.pointErr(c.line, c.point); e == ErrRange {
			err = e
		} else if e != ErrPending {
			err = ErrSignaled
		}
		if err != nil {
			return err
		}
	}
	m.callbacks = append(m.callbacks, added...)
	return nil
}

func (m *reference) cancel(c int) bool {
	was := m.callbacks[c].gone
	m.callbacks[c].gone = true
	return !was
}

// waiting are the points of a line that are waited for.
func (m *reference) waiting(k int) (points []uint64) {
	for _, c := range m.callbacks {
		if !c.gone && c.fence == none && c.line == k {
			points = append(points, c.point)
		}
	}
	slices.Sort(points)
	return points
}
