//go:build explore

package explore_test

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/explore"
)

func Example() {
	report := explore.Search(explore.Options{Preemptions: 1}, func(s *explore.Scenario) {
		var n atomicx.Uint64
		add := func() { n.Store(n.Load() + 1) }
		s.Thread("a", add)
		s.Thread("b", add)
		s.Finally(func() { explore.Assert(n.Load() == 2, "an add was lost") })
	})
	reason, _, _ := strings.Cut(report.Failure.Reason, " (")
	fmt.Println(reason, "in", report.Failure.Trace)
	// Output: an add was lost in 0x2.1x3.0x1
}

// A mailbox holds one letter. Any number of goroutines may put and take.
type mailbox struct {
	state  atomicx.Uint32 // empty, busy, full
	letter atomicx.Cell[string]
}

const (
	empty = iota
	busy
	full
)

// put is right: busy keeps all others away from the letter.
func (m *mailbox) put(letter string) bool {
	if !m.state.CompareAndSwap(empty, busy) {
		return false
	}
	m.letter.Set(letter)
	m.state.Store(full)
	return true
}

// take is wrong: once the mailbox is empty, the next letter may come before this one was read.
func (m *mailbox) take() (letter string, ok bool) {
	if !m.state.CompareAndSwap(full, empty) {
		return "", false
	}
	return m.letter.Get(), true
}

// takeSlowly reads before it makes room.
func (m *mailbox) takeSlowly() (letter string, ok bool) {
	if !m.state.CompareAndSwap(full, busy) {
		return "", false
	}
	letter = m.letter.Get()
	m.state.Store(empty)
	return letter, true
}

// A broken structure of one's own, all schedules of it, what comes out, and the same for the one that was mended.
func Example_mailbox() {
	scenario := func(take func(*mailbox) (string, bool)) func(*explore.Scenario) {
		return func(s *explore.Scenario) {
			m := new(mailbox)
			explore.Name(s, &m.state, "state")
			m.put("first") // before there are threads
			s.Thread("reader", func() {
				letter, ok := take(m)
				explore.Assert(ok && letter == "first", "took %q", letter)
			})
			s.Thread("writer", func() { m.put("second") })
		}
	}
	options := explore.Options{Mode: explore.Exhaustive}

	broken := explore.Search(options, scenario((*mailbox).take))
	fmt.Println(broken.Failure.Reason)
	fmt.Println(withoutPlaces(broken.Failure.Log))

	mended := explore.Search(options, scenario((*mailbox).takeSlowly))
	fmt.Println("mended:", mended.Failure == nil, "complete:", mended.Complete, "behaviours:", mended.Behaviours)
	// Output:
	// data race: writer writes a cell, unordered with a read by reader
	//       reader           writer
	//    1  start
	//    2  cas state 2 > 0
	//    3                   start
	//    4                   cas state 0 > 1
	//    5                   writes the cell
	// mended: true complete: true behaviours: 3
}

// withoutPlaces drops the places in the source, so that the example's output doesn't change with its line numbers.
func withoutPlaces(log string) string {
	return strings.TrimRight(regexp.MustCompile(` *\S+\.go:\d+\n`).ReplaceAllString(log, "\n"), "\n")
}

// Two threads each say that they come and look whether the other one does: with a plain store on a machine with store
// buffers both may miss the other, unless one of them has everybody's buffer emptied.
func Example_storeBuffers() {
	for _, barrier := range []func(){func() {}, atomicx.Membarrier} {
		both := 0
		report := explore.Search(explore.Options{Mode: explore.Exhaustive, StoreBuffers: true}, func(s *explore.Scenario) {
			var often, seldom atomicx.Uint32
			var missed atomicx.Uint32
			s.Thread("often", func() {
				atomicx.StoreRelease32(&often, 1)
				if seldom.Load() == 0 {
					missed.Add(1)
				}
			})
			s.Thread("seldom", func() {
				seldom.Store(1)
				barrier()
				if often.Load() == 0 {
					missed.Add(1)
				}
			})
			s.Finally(func() {
				if missed.Load() == 2 {
					both++
				}
			})
		})
		fmt.Println("complete:", report.Complete, "both missed:", both > 0)
	}
	// Output:
	// complete: true both missed: true
	// complete: true both missed: false
}

// Choose makes variants of a scenario; what draws lots in real code asks atomicx.Pick.
func ExampleChoose() {
	sizes := map[int]bool{}
	report := explore.Search(explore.Options{}, func(s *explore.Scenario) {
		n := 1 + explore.Choose(3)
		var w atomicx.Uint32
		s.Thread("adder", func() { w.Add(uint32(n)) })
		s.Finally(func() { sizes[int(w.Load())] = true })
	})
	fmt.Println(report.Schedules, sizes[1], sizes[2], sizes[3])
	// Output: 3 true true true
}
