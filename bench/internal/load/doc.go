// Package load is what measuring latency under load takes, whatever the load is put on: a clock, a timetable, the
// order in which a device completes its jobs, and percentiles.
//
// # Open loop
//
// A load offers work at a fixed rate, and each job has the time at which it is due. Whoever submits it may come late,
// because the last job took long, or the machine did something else; the job's latency counts from when it was due all
// the same. A load in which the submitter waits for one job before it sends the next, and takes the time from there,
// leaves out all the jobs that should have been sent meanwhile: a device that stalls for a second is one slow job out
// of a million to it, and a second without service to its users. (Gil Tene calls this coordinated omission.)
//
// # Time
//
// Now costs what the system takes to tell the time, 20 to 50 ns on most machines, and reads the monotonic clock only,
// which is the cheaper half of time.Now. A latency between two readings has one of them in it. That is the same for all
// implementations, and the harness alone (impl=noop) shows how much it is.
package load
