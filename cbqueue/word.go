package cbqueue

// The bits of a list's word. See the package comment.
const (
	LifeShift = 28
	Closed    = 1 << 27
	FlagA     = 1 << 26
	Sweeping  = 1 << 25
	FlagB     = 1 << 24
	HeadMask  = 1<<24 - 1

	Running  = 1 << 23
	FlagC    = 1 << 22
	CodeMask = 1<<22 - 1
)

// Open tells whether a list's word is open in this life. life has zero below LifeShift.
func Open(word, life uint64) bool { return word-life < Closed }

// OpenPlain tells whether it is open, and without FlagB.
func OpenPlain(word, life uint64) bool { return (word-life)&^(FlagA|Sweeping|HeadMask) == 0 }

// Close is the word that closes an open one with a result code, 0 to CodeMask. FlagC is clear.
func Close(open uint64, code uint32) uint64 {
	w := open&^HeadMask | Closed | uint64(code&CodeMask)
	if open&HeadMask != 0 {
		w |= Running
	}
	return w
}
