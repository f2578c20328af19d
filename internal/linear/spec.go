package linear

import (
	"fmt"

	"github.com/anishathalye/porcupine"
)

// A Spec says how a structure behaves when calls come one after the other.
type Spec[S comparable, O fmt.Stringer] struct {
	Start S
	// Step tells whether the operation can have happened in state s, with the answer that it had, and the state after it.
	Step func(s S, o O) (after S, ok bool)
	// Key, unless nil, tells apart operations on parts of the structure, each of which has a state of its own.
	Key func(o O) int
	// Prepare, unless nil, sees the whole history first, and may note in its operations what depends on more than the state.
	Prepare func([]Operation[O])
}

// MaxThreads is the most threads of a history.
const MaxThreads = 20

// A state is the structure's, and how many operations of each thread are done.
type state[S comparable] struct {
	s    S
	done [MaxThreads]uint16
}

// A step is an operation, and how many its thread did before.
type step[O fmt.Stringer] struct {
	Operation[O]
	before uint16
}

func (m Spec[S, O]) model() porcupine.Model {
	return porcupine.Model{
		Init: func() any { return state[S]{s: m.Start} },
		Step: func(before, input, _ any) (bool, any) {
			x, o := before.(state[S]), input.(step[O])
			if x.done[o.Thread] != o.before {
				return false, before
			}
			after, ok := m.Step(x.s, o.Op)
			x.s = after
			x.done[o.Thread]++
			return ok, x
		},
		DescribeOperation: func(input, _ any) string { return input.(step[O]).Op.String() },
		DescribeState:     func(x any) string { return fmt.Sprintf("%+v", x.(state[S]).s) },
	}
}

// parts are the histories of the parts of the structure, as porcupine takes them.
func (m Spec[S, O]) parts(h *History[O]) [][]porcupine.Operation {
	if len(h.threads) > MaxThreads {
		panic("linear: more threads than MaxThreads")
	}
	all := h.Operations()
	if m.Prepare != nil {
		m.Prepare(all)
	}
	place := map[int]int{} // by key
	var parts [][]porcupine.Operation
	var did [][MaxThreads]uint16
	for _, o := range all {
		key := 0
		if m.Key != nil {
			key = m.Key(o.Op)
		}
		k, ok := place[key]
		if !ok {
			k = len(parts)
			place[key] = k
			parts, did = append(parts, nil), append(did, [MaxThreads]uint16{})
		}
		parts[k] = append(parts[k], porcupine.Operation{
			ClientId: o.Thread + o.Step*len(h.threads), // a row of the picture
			Input:    step[O]{o, did[k][o.Thread]}, Call: o.Call, Return: o.Return,
		})
		did[k][o.Thread]++
	}
	return parts
}
