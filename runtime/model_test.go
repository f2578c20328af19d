package fencert

import (
	"errors"
	"sync"
)

// A model is the slow reference: one lock, maps, and the contract in the plainest words.
type model struct {
	sync.Mutex
	fences    map[int]*modelFence
	callbacks map[int]*modelCallback
	room      int // fences that can still be reserved
	nodes     int // callbacks that can be added for certain; less than none when canceled ones were used again
	errors    int // places in the table of errors
	seqno     uint64
	log       []modelRun
}

type modelFence struct {
	seqno                    uint64
	signaled, dropped, ended bool
	result                   error
	holds                    int
	callbacks                []int
}

type modelCallback struct {
	fence  int
	gone   bool // canceled, or it ran
	signal int  // the fence that it finishes, 0: none
}

// A modelRun is one call of a callback.
type modelRun struct {
	callback int
	result   error
}

func (m *model) fence(f int) *modelFence { return m.fences[f] }

func (m *model) arm(f int) error {
	m.Lock()
	defer m.Unlock()
	if m.room == 0 {
		return ErrExhausted
	}
	m.room--
	m.seqno++
	m.fences[f] = &modelFence{seqno: m.seqno}
	return nil
}

// add is told whether the runtime had room: a canceled callback's is free at once or when its fence is signaled.
func (m *model) add(f, c, signal int, exhausted bool) error {
	m.Lock()
	defer m.Unlock()
	least, most := m.nodes, m.nodes
	for _, k := range m.callbacks {
		if k.gone && !m.fences[k.fence].signaled {
			most++
		}
	}
	switch x := m.fences[f]; {
	case x.signaled:
		return ErrSignaled
	case most <= 0 || least <= 0 && exhausted:
		return ErrExhausted
	default:
		m.nodes--
		m.callbacks[c] = &modelCallback{fence: f, signal: signal}
		x.callbacks = append(x.callbacks, c)
		return nil
	}
}

func (m *model) cancel(c int) bool {
	m.Lock()
	defer m.Unlock()
	x := m.callbacks[c]
	if x == nil || x.gone || m.fences[x.fence].signaled {
		return false
	}
	x.gone = true
	return true
}

// signal may be called by callbacks that the lock's owner runs, so it doesn't take it.
func (m *model) signal(f int, result error, drop bool) error {
	x := m.fences[f]
	switch {
	case x.dropped:
		return ErrStale
	case x.signaled:
		return ErrSignaled
	}
	x.signaled, x.dropped = true, drop
	plain := drop && x.holds == 0 && len(x.callbacks) == 0 // its result is seen by nobody
	if !hasCode(result) {
		switch {
		case plain:
			result = nil
		case m.errors > 0:
			m.errors--
		default:
			result = ErrFailed
		}
	}
	x.result = result
	for _, c := range x.callbacks {
		k := m.callbacks[c]
		if k.gone {
			continue
		}
		k.gone = true
		m.log = append(m.log, modelRun{c, result})
		if k.signal != 0 {
			_ = m.signal(k.signal, errno(k.signal), true)
		}
	}
	m.nodes += len(x.callbacks)
	m.settle(f)
	return nil
}

// settle ends a fence's life when nothing keeps it.
func (m *model) settle(f int) {
	if x := m.fences[f]; x.dropped && x.holds == 0 && !x.ended {
		x.ended = true
		m.room++
		if !hasCode(x.result) {
			m.errors++
		}
	}
}

func (m *model) drop(f int) error {
	m.Lock()
	defer m.Unlock()
	x := m.fences[f]
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

func (m *model) hold(f int) error {
	m.Lock()
	defer m.Unlock()
	x := m.fences[f]
	if x.ended {
		return ErrStale
	}
	x.holds++
	return nil
}

func (m *model) release(f int) error {
	m.Lock()
	defer m.Unlock()
	x := m.fences[f]
	if x.holds == 0 {
		return ErrNotHeld
	}
	x.holds--
	m.settle(f)
	return nil
}

func (m *model) err(f int) error {
	m.Lock()
	defer m.Unlock()
	switch x := m.fences[f]; {
	case x.ended:
		return ErrStale
	case !x.signaled:
		return ErrPending
	default:
		return x.result
	}
}

// hasCode tells whether a result needs no place in the table of errors.
func hasCode(err error) bool {
	return err == nil || err == ErrFailed || err == ErrCanceled || errors.As(err, new(errnoType))
}
