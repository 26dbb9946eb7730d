module agentderby/kit

go 1.19
