package gatheringtest

// lastSignIn is the sign-in request made last.
func (w *World) lastSignIn() (id int64) {
	w.T.Helper()
	w.Must(w.DB.NewRaw(`SELECT max(id) FROM sign_in`).Scan(w.T.Context(), &id))
	return id
}

// Fingerprint sums up every row that the pages could change.
func (w *World) Fingerprint() string {
	w.T.Helper()
	var sum string
	w.Must(w.DB.NewRaw(`SELECT md5(concat(
		(SELECT string_agg(r::text, ',' ORDER BY r.id) FROM registration r),
		(SELECT string_agg(m::text, ',' ORDER BY m.id) FROM meeting m),
		(SELECT string_agg(i::text, ',' ORDER BY i::text) FROM minutes i),
		(SELECT string_agg(a::text, ',' ORDER BY a::text) FROM attendance a),
		(SELECT string_agg(l::text, ',' ORDER BY l::text) FROM material l),
		(SELECT count(*) FROM notice)))`).Scan(w.T.Context(), &sum))
	return sum
}
