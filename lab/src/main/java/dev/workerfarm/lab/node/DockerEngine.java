package dev.workerfarm.lab.node;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** The Docker engine of this machine, if there is one. */
public final class DockerEngine {
    private DockerEngine() {}

    /** Whether {@code docker info} succeeds within 20 s. */
    public static boolean isPresent() {
        try {
            var process = new ProcessBuilder("docker", "info")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (process.waitFor(20, TimeUnit.SECONDS)) {
                return process.exitValue() == 0;
            }
            process.destroyForcibly();
            return false;
        } catch (IOException e) {
            return false; // no docker command
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted during docker info", e);
        }
    }
}
