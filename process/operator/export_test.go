package operator

// Judge is judge.
var Judge = judge
