[inputs: ["mix.exs", "{lib,test,benches}/**/*.{ex,exs}"], line_length: 120]
