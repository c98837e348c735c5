package main

import (
	"fmt"
	"strconv"
	"time"

	"arengo/notify/pace"
)

// pace reads the quiet hours and the limit of the day. The trial with private
// servers has neither: whoever tries it out at night wants to see the mail.
func (k *checker) pace(get func(string) string) pace.Rules {
	rules := pace.Default
	if get("ARENGO_DATABASE_URL") == "" {
		rules = pace.Rules{}
	}
	if from, until := get("ARENGO_QUIET_FROM"), get("ARENGO_QUIET_UNTIL"); from != "" || until != "" {
		rules.QuietFrom = k.clock("ARENGO_QUIET_FROM", from, pace.Default.QuietFrom)
		rules.QuietUntil = k.clock("ARENGO_QUIET_UNTIL", until, pace.Default.QuietUntil)
	}
	if most := get("ARENGO_MAILS_A_DAY"); most != "" {
		n, err := strconv.Atoi(most)
		k.want(err == nil && n >= 0 && n <= 1000, "ARENGO_MAILS_A_DAY", fmt.Sprintf("%q non è un numero; scrivi per esempio 3, o 0 per nessun limite", most),
			fmt.Sprintf("%q is no number; write for instance 3, or 0 for no limit", most))
		rules.PerDay = n
	}
	return rules
}

// clock reads a time of day.
func (k *checker) clock(variable, value string, otherwise time.Duration) time.Duration {
	if value == "" {
		return otherwise
	}
	at, err := pace.Clock(value)
	k.want(err == nil, variable, fmt.Sprintf("%q non è un’ora; scrivi per esempio 21:00", value),
		fmt.Sprintf("%q is no time of day; write for instance 21:00", value))
	return at
}
