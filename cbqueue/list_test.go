package cbqueue

import (
	"testing"

	"github.com/fencert/fencert/internal/atomicx"
)

// A list is a word, its anchor and a life: what the runtime keeps per fence.
type list struct {
	word   atomicx.Uint64
	anchor Anchor
	life   uint64
}

func newList(life uint64) *list {
	l := &list{life: life << LifeShift}
	l.word.Store(l.life)
	return l
}

func newPool(t testing.TB, nodes int) *Pool {
	t.Helper()
	p, err := NewPool(nodes)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func newOwner(p *Pool) *Owner {
	o := new(Owner)
	o.Init(p)
	return o
}

func (l *list) add(o *Owner, arg uint64) (Ticket, error) { return o.Add(&l.word, l.life, 7, arg) }

func (l *list) addMany(o *Owner, n int) error {
	return o.AddMany(&l.word, l.life, 7, make([]uint64, n), nil)
}

func (l *list) cancel(o *Owner, t Ticket) bool {
	ok, left := o.Cancel(&l.word, &l.anchor, l.life, t)
	if left != 0 {
		l.end()
	}
	return ok
}

// close closes the list and runs its callbacks, as the runtime does; false: it was closed.
func (l *list) close(o *Owner, code uint32, run func(arg uint64)) bool {
	for {
		b := l.word.Load()
		if !Open(b, l.life) {
			return false
		}
		v := Close(b, code)
		if !l.word.CompareAndSwap(b, v) {
			continue
		}
		if v&Running == 0 {
			if v&Sweeping == 0 {
				l.end()
			}
			return true
		}
		var r Run
		o.Claim(&r, b)
		for {
			h, arg, ok := r.Next(o.pool.View())
			if !ok {
				break
			}
			if h != 7 {
				panic("another handler than was added")
			}
			run(arg)
		}
		if !o.Release(&l.word, &l.anchor, &r, v) {
			l.end()
		}
		return true
	}
}

// end moves the word to the next life: Running and Sweeping are done with (Q7).
func (l *list) end() { l.word.Store(l.life + 1<<LifeShift) }

// free counts the free nodes of a pool once everybody has closed.
func free(p *Pool) int {
	o := newOwner(p)
	n := 0
	for {
		if i, _ := o.alloc(0); i == 0 {
			return n
		}
		n++
	}
}
