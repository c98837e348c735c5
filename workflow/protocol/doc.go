// Package protocol checks the agreement between deadlines, workers, the queue
// and deliveries by walking through every order of events that it allows: two
// workers, a person who extends, participants who answer, a queue that delivers
// early, twice or never, crashes and lost leases. It holds a model and its
// explorer, both in tests; nothing of it is in the program.
//
// Each action of the model stands for one transaction or one message of the
// program: fire is workflow.Engine.FireDeadline, sweep process.Service.Sweep,
// extend workflow.Engine.Extend, schedule the queue's look-ahead, and expand,
// claim, send and record are those of notify.Drainer. Whoever changes one of
// these changes its action here; the mutations show that the model would notice
// the mistakes that such code is prone to.
package protocol
