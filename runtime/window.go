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

// A CommitWindow issues the numbers n, n+1, … of a timeline, takes their completions in any order, and moves the timeline's
// value whenever the gap closes: the value is the largest number up to which all are complete, or somebody is just moving it
// there (K4, K5). So a commit pipeline appends out of order and is waited for in order: points, callbacks and waits are the
// timeline's.
//
// Make one with NewCommitWindow; the zero CommitWindow is not usable, and it must not be copied. Any goroutine may call any
// method. It issues from behind the timeline's value, with a count of its own: Timeline.Next knows nothing of it. Nobody else
// should advance the timeline. That would complete all numbers up to there, issued or not; and where some behind it are complete
// already, the value comes to move over them only with the next completion.
//
// A completion has no result, as a point has none. Where single pieces of work fail, results are kept beside the window (a
// fence for each, or a slice of the window's size at number modulo size), and the number is completed all the same: it
// says that the work is over. Where a failure means that nothing behind it can be committed, close the timeline with the error
// as its cause: what the value has reached stays committed, and everything above fails.
//
// # Argument
//
//	issued  the last number issued
//	value   the timeline's; bit 63: closed
//	cells   the one of n, see cell, holds the last number completed there, 0: none
//
//	Issue     load issued, load value, CAS issued                                      1 CAS
//	Complete  load value, cell, issued; CAS the cell; load value, load the cells       1 CAS, and one more
//	          behind it until one isn't complete; CAS the value                        where the gap closes
//
//	K1  issued grows by one at a time, by CAS, and a number is issued only when value + size is no less, with a value that was
//	    read after issued: the value only grows, so there is room for it also when the CAS succeeds. Hence numbers that are
//	    issued and above the value are less than size apart, and each has its cell to itself.
//	K2  A cell only grows, by CAS, to a number of this cell. Who completes n finds less than n there, and moves it to n: so one
//	    of several does, and the others are told. A number up to the value is told from the value: the cell may be its
//	    successor's, or, for what was passed by somebody else's Advance, never have been set.
//	K3  The value moves to n only when each cell from behind an earlier value up to n was seen to hold its number. Cells are
//	    looked at once each from behind a value v, until one has another number. The value moves upwards only, so it doesn't
//	    matter how late the CAS comes, nor how many look at once.
//	K4  Nobody sleeps on work. Who completes a number looks afterwards, from the value on, to the first that isn't complete: its
//	    cell has a lower number. (A higher one means that the value has gone on: look again.) Let all up to n be complete: who
//	    was the last of them to move its cell finds none of them incomplete, so it moves the value to n at least, or finds it
//	    there. Nobody need look again after that: what was completed behind its look has somebody who looks later.
//	K5  So when Complete returns nil the value is at least as far as all were complete at some moment in it, with n, unless
//	    the timeline was closed: the moment when it saw the one that isn't.
//
// Linearization. Issue: its CAS; full: the load of the value. Complete: the CAS of the cell; refused: the load that told.
// The value's move: the CAS of it. ABA: issued, value and cells only grow. Progress: all but Issue's wait is lock-free, but for
// what callbacks do: a CAS fails only because another was faster. There is no advancer to wait for: who is descheduled between
// its cell and its look holds up no more than what nobody completes a number after. Callbacks run on who has moved the
// value; see Timeline for what that means to others. Reclamation: the cells are never freed; they hold numbers only.
//
// False sharing: neighbours in number are neighbours in time, and completed by different cores. So cell spreads them over lines.
type CommitWindow struct {
	timeline *Timeline
	cells    []atomicx.Uint64
	size     uint64 // of cells, a power of two
	up, down uint   // see cell
	_        pad.Line
	issued   atomicx.Uint64
	_        pad.Line
}

// NewCommitWindow makes a window for a timeline: at most size numbers, a power of two from 2 to MaxWindow, are above the
// value at a time. The first number is the one behind the timeline's value. It allocates 8 bytes for each. Errors:
// ErrConfig for another size; ErrForeign for a Timeline that NewTimeline hasn't made; the cause of a timeline that is
// closed.
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
	w := &CommitWindow{timeline: t, size: uint64(size), cells: make([]atomicx.Uint64, size+2*cellsApart)[cellsApart:][:size]}
	if width := bits.Len(uint(size - 1)); size > cellsApart {
		w.up = uint(bits.Len(uint(cellsApart - 1)))
		w.down = uint(width) - w.up
	}
	w.issued.Store(v)
	return w, nil
}

// cellsApart is how many cells lie between those of neighbours, and before the first and behind the last cell of a window.
const cellsApart = pad.Size / 8

// cell is the one of a number. Numbers in a row lie cellsApart from each other: the lowest bits of the number, as many as name
// a cell, are turned by some places, so it is one to one. In a window that is too small for that they aren't.
func (w *CommitWindow) cell(n uint64) *atomicx.Uint64 {
	mask := uint64(len(w.cells) - 1)
	return &w.cells[(n<<w.up|n&mask>>w.down&(1<<w.up-1))&mask]
}

// Timeline is the timeline that the window moves.
func (w *CommitWindow) Timeline() *Timeline { return w.timeline }

// Issued is the last number that was issued, or the timeline's value when the window was made. Wait-free; one load.
func (w *CommitWindow) Issued() uint64 { return w.issued.Load() }

// Size is how many numbers can be above the value at a time.
func (w *CommitWindow) Size() int { return int(w.size) }
