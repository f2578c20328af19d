// Package sharedtimeline shares a timeline's value between processes: a file, or memory without a name, that each of them maps.
// One process at a time issues numbers and advances; any number poll, wait, and have callbacks of their own.
//
//	// The one that writes.                                // Any other.
//	m, err := sharedtimeline.Create(path, 0o600, 0)        m, err := sharedtimeline.Open(path)
//	w, err := m.Claim()  // ErrHeld: another one writes    err = m.Wait(ctx, n)        // or poll: m.Signaled(n)
//	n, err := w.Next()                                     tl, err := rt.NewTimeline("log", "durable")
//	err = w.Advance(n)                                     f, err := m.Follow(tl, fencert.SpinThenPark)
//
// Follow keeps a local fencert.Timeline at the shared value, so that callbacks, WaitAny and channels work as always. On Linux
// sleepers are woken by a futex; elsewhere they poll.
//
// # The file
//
// 4096 bytes, all numbers in the byte order of the machine:
//
//	 0  magic "fncrtSTL"                128  value: 64 bits, the timeline         384  last number issued, 64 bits
//	 8  0x01020304, the byte order      256  wanted: the lowest point somebody    392  times that a writer came, 64 bits
//	12  version, 1                           sleeps for; all ones: nobody         400  when the last one did, Unix ns, 64 bits
//	16  size, 4096                      264  turn: the futex, 32 bits             408  its process, 32 bits
//	20  width of the value, 64
//
// What is at 0 to 23 is checked when the file is opened and whenever a sleeper looks after it; what is at 392 to 411 is
// only shown. No number of the file is ever an index, a length, or the place of anything.
//
// # Invariants
//
//	H1  The value decides alone, and only grows: each change is a CAS from a lower value. So a writer that dies has
//	    advanced or it hasn't, and the next one goes on from what there is.
//	H2  A sleeper reads turn, lowers wanted to its point, looks at the value, and sleeps while turn is what it was. A writer
//	    raises the value, looks at wanted, and where its value reaches that, sets wanted to nobody, raises turn, and wakes all who
//	    sleep on it. So either the sleeper sees the value, or the writer sees the point; and a wish that is wiped out before its
//	    sleeper sleeps has turn change after that sleeper read it. Whoever wakes up begins again.
//	H3  Who dies leaves at most one point in wanted, which costs one wake-up when the value gets there. Nothing counts up and down.
//	H4  Who comes to write raises turn and wakes all, since its predecessor may have died between the value and the wake-up.
//	    Where nobody comes, sleepers look again after 50 ms. The same ends the sleep of those whose wish another process wrote over.
//	H5  Who writes holds a lock on the file, which the kernel releases when the process ends, however it ends. Nothing else
//	    says who writes: the process in the file is for people (its number may be another's by now).
//	H6  A number is in the file as issued before it is returned. Who comes to write goes on behind it and behind the value: no
//	    number is issued twice. What was issued and not reached is Writer.Abandoned: its work is lost or done, and only the user knows.
//	H7  seen is the highest value that this process has read, and is read before the value. So a value below it has gone back: somebody
//	    wrote the file who may not.
//	H8  Memory of a file that may be cut is touched only by a goroutine that gets a panic in place of a signal (guard), which
//	    becomes ErrTruncated; without that only where the kernel forbids cutting (a seal). A Mapping's memory stays mapped until the
//	    collector finds that nobody has it, so a late call after Close is harmless.
//
// ABA: turn would have to pass through 2^32 values between a sleeper's look and its sleep, and H4 ends that sleep too. Progress: Signaled
// and Value are wait-free, Advance and Next lock-free; against a process that writes at random as well, since each loop gives up
// (a value that isn't ours ends it) or is bounded. Waiting, following, and WaitClaim block.
//
// # Faults
//
// A value beyond fencert.MaxPoint or below one seen before, a file that was cut, a header that changed: each ends the Mapping,
// with one error for all calls from then on, but points that were reached stay reached. There is no way to know what a damaged file
// should say; opening it again begins with what is there. docs/shared.md tells who can do what to whom.
package sharedtimeline
