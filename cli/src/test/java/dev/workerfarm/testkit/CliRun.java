package dev.workerfarm.testkit;

import dev.workerfarm.cli.ProducerCommand;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** What one run of the producer's command line printed, and its exit code. */
public record CliRun(int code, String out, String err) {
    /** Runs it in this JVM, with nothing on standard input. */
    public static CliRun of(Map<String, String> environment, String... args) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        var code = ProducerCommand.run(
                args,
                environment,
                InputStream.nullInputStream(),
                new PrintStream(out, false, StandardCharsets.UTF_8),
                new PrintStream(err, false, StandardCharsets.UTF_8));
        return new CliRun(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
}
