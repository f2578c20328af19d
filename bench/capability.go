package bench

// A Capability says which parts of the contract an implementation keeps and where
// it may block. Conformance leaves out a check only where a flag here says so, and
// the suite leaves out a row only where it would measure something else.
type Capability struct {
	Contract   bool       // false: a measuring stick, not an implementation
	Ordered    bool       // callbacks run in the order of adding
	OnSignaler bool       // callbacks run on the signaler's goroutine
	StaleErr   error      // Err's answer for a recycled fence; nil: handles keep fences alive
	Waits      []Strategy // the strategies that Wait really has
	Blocks     bool       // a goroutine may be put to sleep by contention
	HandsOff   bool       // callbacks cost a switch of goroutines, even uncontended
	Allocates  bool       // the collector runs, and stops it, while it is measured
	MaxPending int        // callbacks pending on one fence that memory allows; 0: any number
}

// HasWait tells whether Wait implements s itself.
func (c Capability) HasWait(s Strategy) bool {
	for _, have := range c.Waits {
		if have == s {
			return true
		}
	}
	return false
}
