module agentderby/go

go 1.19

require agentderby/kit v0.0.0

replace agentderby/kit => ../kit/go
