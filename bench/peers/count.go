package peers

// A tally is what a place in the window holds of its index.
//
//	bits[1:64]  how often it was begun, less how often it was done: negative when done comes first
//	bit  0      it was begun or done at all
//
// Zero is an index that nobody has spoken of: no obstacle, and nothing that DoneUntil stops at.
type tally int64

const (
	spoken tally = 1
	once   tally = 2 // one Begin
)

func (t tally) plus(n int64) tally { return t + tally(n)*once | spoken }

func (t tally) open() bool { return t >= once }
