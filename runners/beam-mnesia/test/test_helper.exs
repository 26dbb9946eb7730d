Code.require_file("testing.ex", __DIR__)
ExUnit.start(capture_log: true)
