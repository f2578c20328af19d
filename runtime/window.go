package fencert

import (
	"errors"
	"fmt"
	"math/bits"

	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/pad"
)

// MaxWindow is the largest size of a CommitWindow: 2^24.
const MaxWindow = 1 << 24

// ErrNotIssued: Complete was given a number that the window has not issued yet. Nothing was changed.
var ErrNotIssued = errors.New("fencert: the number was not issued: complete what Issue has returned")

// ErrHasWindow: the timeline has a commit window, which alone moves it.
var ErrHasWindow = errors.New("fencert: a commit window moves this timeline: complete its numbers")

// A CommitWindow issues the numbers n, n+1, … of a timeline, takes their completions in any order, and moves the timeline's
// value whenever the gap closes: the value is the largest number up to which all are complete, or somebody is just moving it
// there (K4, K5). So a commit pipeline appends out of order and is waited for in order: points, callbacks and waits are the
// timeline's.
//
// Make one with NewCommitWindow; the zero CommitWindow is not usable, and it must not be copied. Any goroutine may call any
// method. It issues from behind the timeline's value, with a count of its own: Timeline.Next knows nothing of it. It alone moves
// the timeline: Advance answers ErrHasWindow.
//
// A completion has no result, as a point has none. Where single pieces of work fail, results are kept beside the window (a
// fence for each, or a slice of the window's size at number modulo size), and the number is completed all the same: it
// says that the work is over. Where a failure means that nothing behind it can be committed, close the timeline with the error
// as its cause: what the value has reached stays committed, and everything above fails.
//
// # Argument
//
//	issued  the last number issued
//	room    no number above it is issued: at some time the value + size, 0 once closed
//	known   numbers below it were issued; 0 once closed
//	value   the timeline's; bit 63: closed
//	words   each has the bits of a block of blockSize numbers that are complete, below the lap that it is in. Numbers one
//	        lap apart share a bit; a lap is all words long, which is size + blockSize - 1 or more.
//
//	Issue     load issued, load room, CAS issued                                       1 CAS
//	Complete  load known, load the word, CAS it; where all below in the block are      1 CAS, and one more
//	          complete, load value, load words from there on, CAS the value            where the gap closes
//
//	K1  issued grows by one at a time, by CAS, and never above room; room is raised to a value + size only, and the value only
//	    grows. Hence numbers that are issued and above the value are less than size apart. So when a number is issued, all that
//	    share its word in earlier laps are up to the value, and of those above the value all in a word are of one lap.
//	K2  A word only grows, by CAS: in a lap bits are set, and a later lap replaces an earlier one. Who completes n sets its bit
//	    in a word of its lap, or begins the lap, for which all before are passed (K1). So one of several sets it, and the others
//	    are told: by the bit, or by the later lap. A number in [known - size, known) was issued, for known is above no more than
//	    that; all below are up to the value: value + size >= issued >= known - 1.
//	K3  The value moves to n only when each number from behind an earlier value up to n was seen complete, in a word of its lap.
//	    The value moves upwards only, so it doesn't matter how late the CAS comes, nor how many look at once.
//	K4  Nobody sleeps on work. Let all up to n be complete, and k be that one of those above the value whose bit was set last.
//	    Who sets it finds all below in its block complete, and the block before, or a later lap there; so it looks, after that
//	    CAS, from the value on, and finds none of them incomplete. (A later lap means that the value has gone on: look again.)
//	    It moves the value to n at least, or finds it there. Whoever finds one below that is incomplete leaves the look to
//	    whom that one waits for.
//	K5  So when Complete returns nil the value is at least as far as all were complete at some moment in it, with n, unless
//	    the timeline was closed: the moment when it saw the one that isn't.
//	K6  Close of the timeline, which has set its cause, sets room and known to 0, and then ends the timeline: no number is
//	    issued or completed after both. Both are raised by CAS, from other than 0, so they stay. A window that is made meanwhile is
//	    either seen by Close, or sees the cause: each announces itself before it looks for the other.
//
// Linearization. Issue: its CAS; full: the load of the value. Complete: the CAS of the word; refused: the load that told. Both
// CASes, where room or known has become 0 since it was loaded: just before that. The value's move: the CAS of it. ABA: issued and the value
// only grow; room and known do until they are 0, for good; a word wraps after 2^48 laps, for which the second of two that
// complete a number would have to sleep between its load and its CAS. Progress: all but Issue's wait is lock-free, but for what
// callbacks do: a CAS fails only because another was faster. There is no advancer to wait for: who is descheduled between its CAS
// and its look holds up no more than what nobody completes a number after. Callbacks run on who has moved the value; see
// Timeline for what that means to others. Reclamation: the words are never freed; they hold bits only.
//
// False sharing: who issues and who completes share no line but that of the value, which is read only where a gap may have
// closed. A block is in one line, since neighbours in number are mostly completed by one goroutine, one after the other.
type CommitWindow struct {
	timeline *Timeline
	words    []windowWord
	size     uint64
	lapShift uint8 // from a number's block to its lap
	_        pad.Line
	issued   atomicx.Uint64
	room     atomicx.Uint64
	_        pad.Line
	known    atomicx.Uint64
	_        pad.Line
}

// A windowWord is the word of one block: from bit blockSize on its lap, below the bits of the numbers that are complete.
type windowWord struct {
	bits atomicx.Uint64
	_    [pad.Size/2 - 8]byte // the lines of neighbours are fetched together, and mostly used together
}

// NewCommitWindow makes the window of a timeline: at most size numbers, a power of two from 2 to MaxWindow, are above the
// value at a time. The first number is the one behind the timeline's value. It allocates 8 bytes for each, and no less than
// 256. No Advance of the timeline may be under way. Errors: ErrConfig for another size; ErrForeign for a Timeline that
// NewTimeline hasn't made; ErrHasWindow for one that has a window; the cause of one that is closed.
func NewCommitWindow(t *Timeline, size int) (*CommitWindow, error) {
	if t == nil || t.runtime == nil {
		return nil, ErrForeign
	}
	if size < 2 || size > MaxWindow || size&(size-1) != 0 {
		return nil, fmt.Errorf("%w: a commit window of %d, want a power of two from 2 to %d", ErrConfig, size, MaxWindow)
	}
	v := t.wheel.Word().Load()
	if v > MaxPoint {
		return nil, *t.cause.Load() // set before the closed bit (P3)
	}
	w := &CommitWindow{timeline: t, size: uint64(size)}
	w.begin(v)
	// Publishes: the window. Pairs with: the load in closeTimeline, which has set the cause before (K6).
	if !t.window.CompareAndSwap(nil, w) {
		return nil, ErrHasWindow
	}
	t.advancer.Set(nil)
	if cause := t.cause.Load(); cause != nil {
		w.close()
		return nil, *cause
	}
	return w, nil
}

// begin makes the words as they are when all up to v are complete, and nothing above.
func (w *CommitWindow) begin(v uint64) {
	count := max(2, 2*w.size>>blockBits)
	w.words = make([]windowWord, count+2)[1:][:count:count] // so that nobody else's words lie beside them
	w.lapShift = uint8(bits.TrailingZeros64(count))
	open := (v + 1) >> blockBits // the first block that isn't complete
	for k := range count {
		block := open&^(count-1) + k
		word := block>>w.lapShift<<blockSize | blockMask
		switch {
		case block == open:
			word = block>>w.lapShift<<blockSize | 1<<((v+1)%blockSize) - 1
		case block > open:
			word -= 1 << blockSize // the lap before
		}
		w.words[k].bits.Store(word)
	}
	w.issued.Store(v)
	w.room.Store(min(v+w.size, MaxPoint))
	w.known.Store(v + 1)
}

// close lets nobody issue or complete any more (K6).
func (w *CommitWindow) close() {
	// Pairs with: the loads in next and complete, and the CASes that raise them, which fail from now on.
	w.room.Store(0)
	w.known.Store(0)
}

// word is that of a block.
func (w *CommitWindow) word(block uint64) *atomicx.Uint64 {
	return &w.words[block&uint64(len(w.words)-1)].bits
}

// lap is a block's, as a word has it: with the numbers of this lap incomplete.
func (w *CommitWindow) lap(block uint64) uint64 { return block >> (w.lapShift & 63) << blockSize }

// Timeline is the timeline that the window moves.
func (w *CommitWindow) Timeline() *Timeline { return w.timeline }

// Issued is the last number that was issued, or the timeline's value when the window was made. Wait-free; one load.
func (w *CommitWindow) Issued() uint64 { return w.issued.Load() }

// Size is how many numbers can be above the value at a time.
func (w *CommitWindow) Size() int { return int(w.size) }
