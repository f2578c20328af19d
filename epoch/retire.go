package epoch

import "runtime"

// A Reclaim function destroys the object that arg stands for. It runs on the goroutine
// that called Collect, Synchronize or Barrier, once per Retire. It may retire, pin,
// unpin what it pinned, and call Collect (which then does nothing). When it panics or
// calls runtime.Goexit, the functions due behind it run all the same; then the first
// panic goes on to the caller of Collect, and later ones are counted in Stats.
type Reclaim func(arg uint64)

// A ReclaimerID names a reclaim function within its Domain.
type ReclaimerID uint32

// Reclaimer registers f for good and returns the id that Retire wants. Any goroutine
// may call it. It allocates. ErrReclaimer when f is nil, ErrExhausted when
// Config.MaxReclaimers are registered.
func (d *Domain) Reclaimer(f Reclaim) (ReclaimerID, error) {
	if f == nil {
		return 0, ErrReclaimer
	}
	for {
		n := d.known.Load()
		if int(n) == len(d.reclaimers) {
			return 0, ErrExhausted
		}
		// Owns: place n. ABA: known only rises. Progress: a failure is another's success.
		if d.known.CompareAndSwap(n, n+1) {
			// Publishes: f. Pairs with: the loads in Retire and in the collector.
			d.reclaimers[n].Store(&f)
			return ReclaimerID(n), nil
		}
	}
}

// Retire has f(arg) run once every read section that is open now has ended, where f is
// the function registered as id. The object must be unreachable for new sections: the
// caller has unlinked it, by an operation of sync/atomic. The participant need not be
// pinned, and may be.
//
// Only the owner may call it. Wait-free; it never runs a reclaim function and never
// allocates. ErrGarbageFull: Config.MaxRetired are waiting, nothing was retired, and Config.OnStall
// was told of who is to blame; call Collect. ErrReclaimer: there is no such id.
func (p *Participant) Retire(id ReclaimerID, arg uint64) error {
	s := p.s
	if s == nil {
		return ErrUnregistered
	}
	d := p.d
	if uint64(id) >= uint64(len(d.reclaimers)) || d.reclaimers[id].Load() == nil {
		return ErrReclaimer
	}
	// Pairs with: the CAS in advance. After the unlink, and from global, not from
	// this participant's own pin (I3).
	r := d.global.Load()
	if !s.push(entry{epoch: r, arg: arg, f: id}, d.retired) {
		d.lookForStalls()
		return ErrGarbageFull
	}
	runtime.KeepAlive(p) // I10
	return nil
}

// Retired returns how many objects wait in this participant's ring. Only the owner may
// call it; one load.
func (p *Participant) Retired() int {
	if p.s == nil {
		return 0
	}
	return int(p.s.pending.Load())
}
