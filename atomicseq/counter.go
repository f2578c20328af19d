package atomicseq

import (
	"errors"

	"github.com/fencert/fencert/internal/atomicx"
)

// Max is the largest sequence number.
const Max = 1<<63 - 1

// MaxBlock is the largest block that NextN hands out (I3).
const MaxBlock = 1 << 31

// ErrRange says that a number would lie beyond Max, or that a block is empty or
// larger than MaxBlock. Compare with errors.Is.
var ErrRange = errors.New("atomicseq: number out of range")

// A Counter hands out rising sequence numbers.
//
// The zero Counter is ready and starts at 1. It must not be copied after first use.
// Callers: a counter has either one issuer, who calls NextOwned, or any number of
// them, who call Next and NextN; never both kinds at a time. Anyone may call Last.
// Ordering: a number that has reached a goroutine through any synchronization is at
// most what Last tells there.
// Progress: wait-free (lock-free where the processor has no atomic add).
// Errors: ErrRange at the end of the range, from then on for ever.
//
// It has 8 bytes and no padding: give a counter with several issuers its own cache
// line (internal/pad) when what lies beside it is hot.
type Counter struct{ last atomicx.Uint64 }

// NextOwned returns the next number. Only the one issuer may call it. It costs a
// plain load and a release store; wait-free.
func (c *Counter) NextOwned() (uint64, error) {
	// Owns: the word has one writer, so the load sees that writer's last store (I4).
	n := c.last.Load() + 1
	if n > Max {
		return 0, ErrRange
	}
	// Publishes: everything the issuer did before. Pairs with: the load in Last.
	// A release store will do: one writer, and Last promises no more than a lower
	// bound, so a reader that sees it late is right too.
	atomicx.StoreRelease64(&c.last, n)
	return n, nil
}

// QuickOwned is NextOwned without the look at the end of the range: for who cannot reach it. 2^63 numbers last 292 years
// at one a nanosecond; a counter that was moved to the end of its range by StartAt must not be used with it.
func (c *Counter) QuickOwned() uint64 {
	n := c.last.Load() + 1 // as in NextOwned
	atomicx.StoreRelease64(&c.last, n)
	return n
}

// Next returns the next number. Any number of issuers may call it at a time. It costs
// one atomic add.
func (c *Counter) Next() (n uint64, err error) {
	// Owns: number n (I2). ABA: none, the word never takes a value twice below Max.
	if n = c.last.Add(1); n > Max {
		n, err = c.end()
	}
	return
}

// NextN hands out n numbers in a row, 1 <= n <= MaxBlock, and returns the first. Any
// number of issuers may call it at a time. It costs one atomic add, whatever n is.
// When fewer than n numbers are left it fails with ErrRange and the counter has ended.
func (c *Counter) NextN(n uint64) (first uint64, err error) {
	if n-1 >= MaxBlock {
		return 0, ErrRange
	}
	// Owns: the block that ends at last (I2).
	last := c.last.Add(n)
	if last > Max {
		return c.end()
	}
	return last - n + 1, nil
}

// end is reached by those whose Add found no number left.
//
//go:noinline
func (c *Counter) end() (uint64, error) {
	// Plain overwrite of what others in flight have added: the word is above Max
	// and stays there (I1), and this keeps it from creeping up to a wrap (I3).
	c.last.Store(Max + 1)
	return 0, ErrRange
}

// Last returns the last number handed out, 0 before the first, and Max once the
// counter has ended. Anyone may call it; one load. Beside issuers at work it is a
// lower bound.
func (c *Counter) Last() uint64 {
	// Pairs with: the stores in NextOwned, the Add in Next and NextN.
	return min(c.last.Load(), Max)
}

// StartAt makes n the next number, 1 <= n <= Max; otherwise it changes nothing and
// returns ErrRange. It is meant for a counter nobody issues from yet: going back
// below what Last has shown hands numbers out twice. No issuer may run beside it.
func (c *Counter) StartAt(n uint64) error {
	if n-1 >= Max {
		return ErrRange
	}
	c.last.Store(n - 1)
	return nil
}
