package epoch

import (
	"errors"
	"math/rand/v2"
	"testing"
)

// A reference is the model: participants by number, epochs as the rule has them, and,
// apart from the rule, the sections that were open when an object was retired.
type reference struct {
	epoch   uint64
	pins    map[int]uint64 // open sections and their epoch
	section map[int]int    // how many sections each participant has opened
	waiting map[int][]retired
	orphans [][]retired
}

type retired struct {
	arg, epoch uint64
	seenBy     map[int]int // participant: its section
}

func (m *reference) retire(who int, arg uint64) {
	r := retired{arg: arg, epoch: m.epoch, seenBy: map[int]int{}}
	for p := range m.pins {
		r.seenBy[p] = m.section[p]
	}
	m.waiting[who] = append(m.waiting[who], r)
}

// collect returns the arguments that must run.
func (m *reference) collect(who int) map[uint64]retired {
	blocked := len(m.waiting[who]) == 0 // nothing to do
	for _, o := range m.orphans {
		blocked = blocked && len(o) == 0
	}
	for _, e := range m.pins {
		blocked = blocked || e != m.epoch
	}
	if !blocked {
		m.epoch++
	}
	due := map[uint64]retired{}
	cut := func(list []retired) []retired {
		for len(list) > 0 && list[0].epoch+2 <= m.epoch {
			due[list[0].arg] = list[0]
			list = list[1:]
		}
		return list
	}
	m.waiting[who] = cut(m.waiting[who])
	for i := range m.orphans {
		m.orphans[i] = cut(m.orphans[i])
	}
	return due
}

// runProgram interprets program on a domain and on the model: per byte, the low two
// bits say who, the others what.
func runProgram(t *testing.T, program []byte) {
	for _, pinning := range []Pinning{PinAuto, PinPortable} {
		if runProgramWith(t, program, pinning); t.Failed() {
			t.Fatalf("pinning %v", pinning)
		}
	}
}

func runProgramWith(t *testing.T, program []byte, pinning Pinning) {
	const bound, people = 6, 4
	d, err := New(Config{MaxParticipants: len(program) + people, MaxRetired: bound, Pinning: pinning})
	if err != nil {
		t.Fatal(err)
	}
	var due map[uint64]retired
	m := &reference{epoch: firstEpoch, pins: map[int]uint64{}, section: map[int]int{}, waiting: map[int][]retired{}}
	id := reclaimer(t, d, func(arg uint64) {
		r, ok := due[arg]
		if !ok {
			t.Errorf("object %d was reclaimed, and isn't due (again)", arg)
		}
		delete(due, arg)
		for p, section := range r.seenBy {
			if _, open := m.pins[p]; open && m.section[p] == section {
				t.Errorf("object %d was reclaimed in a section that could see it", arg)
			}
		}
	})
	ps := make([]*Participant, people)
	for i := range ps {
		ps[i] = register(t, d)
	}
	collect := func(who int) {
		due = m.collect(who)
		want := len(due)
		if n := ps[who].Collect(); n != want || len(due) != 0 {
			t.Errorf("Collect ran %d, want %d; left over: %v", n, want, due)
		}
	}
	for step, op := range program {
		who := int(op) % people
		p := ps[who]
		switch op >> 2 % 8 {
		case 0, 1:
			if len(m.waiting[who]) == bound {
				if err := p.Retire(id, 0); !errors.Is(err, ErrGarbageFull) {
					t.Errorf("step %d: Retire into a full ring: %v", step, err)
				}
				break
			}
			m.retire(who, uint64(step))
			if err := p.Retire(id, uint64(step)); err != nil {
				t.Errorf("step %d: %v", step, err)
			}
		case 2:
			if !p.Pinned() {
				m.pins[who] = m.epoch
				m.section[who]++
			}
			p.Pin()
		case 3, 4:
			if p.Pinned() {
				if p.Unpin(); !p.Pinned() {
					delete(m.pins, who)
				}
			}
		case 5, 6:
			collect(who)
		case 7:
			err := p.Unregister()
			if _, open := m.pins[who]; open {
				if !errors.Is(err, ErrPinned) {
					t.Errorf("step %d: Unregister in a section: %v", step, err)
				}
				break
			}
			m.orphans = append(m.orphans, m.waiting[who])
			m.waiting[who] = nil
			ps[who] = register(t, d)
			if ps[who].Retired() != 0 { // there is a slot for each Register
				t.Errorf("step %d: an orphan was taken though a slot was free", step)
			}
		}
		if d.Epoch() != m.epoch {
			t.Fatalf("step %d: the epoch is %d, want %d", step, d.Epoch(), m.epoch)
		}
		if t.Failed() {
			t.FailNow()
		}
	}
	for who, p := range ps {
		for p.Pinned() {
			p.Unpin()
		}
		delete(m.pins, who)
	}
	for range 3 {
		for who := range ps {
			collect(who)
		}
	}
	if st := d.Stats(); st.Retired != 0 || st.Orphans != 0 || st.Pinned != 0 || st.Participants != people {
		t.Errorf("at the end: %+v", st)
	}
}

func TestRandomPrograms(t *testing.T) {
	rounds := 500
	if testing.Short() {
		rounds = 50
	}
	for seed := range uint64(rounds) {
		r := rand.New(rand.NewPCG(seed, 1))
		program := make([]byte, r.IntN(400))
		for i := range program {
			program[i] = byte(r.Uint32())
		}
		if runProgram(t, program); t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func FuzzProgram(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{8, 1, 21, 21, 21, 12, 21, 21}) // 0 pins, 1 retires and collects, 0 unpins, 1 collects
	f.Add([]byte{1, 29, 20, 20, 20})            // 1 retires and leaves, 0 collects
	f.Fuzz(func(t *testing.T, program []byte) {
		if len(program) > 1000 {
			program = program[:1000]
		}
		runProgram(t, program)
	})
}
