package queue

// LockSweep is the number of the lock that elects who sweeps.
const LockSweep = lockSweep
