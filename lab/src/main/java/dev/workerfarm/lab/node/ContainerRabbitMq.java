package dev.workerfarm.lab.node;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** A RabbitMQ 4 in a container, by the {@code docker} command. */
public final class ContainerRabbitMq implements RabbitMqNode {
    private static final String IMAGE = "rabbitmq:4-management";
    private static final Duration START = Duration.ofMinutes(2);
    private static final Duration COMMAND = Duration.ofSeconds(60);
    private static final Duration ASK_EVERY = Duration.ofMillis(100);
    private static final String USER = "farm";
    private static final String PASSWORD = "RABBITMQ_DEFAULT_PASS";

    /** Runs the container until its standard input ends, which this JVM holds open, however this JVM ends. */
    private static final String LEASH = """
            name=$1; shift
            docker run --detach --name "$name" "$@" || { docker rm --force --volumes "$name"; exit 1; } >/dev/null 2>&1
            read -r _
            docker rm --force --volumes "$name" >/dev/null 2>&1
            """;

    private final String name = "farm-rabbitmq-" + UUID.randomUUID();
    private final String password = UUID.randomUUID().toString();
    private final int port = Ports.free();
    private final Process leash;

    private ContainerRabbitMq() {
        List<String> command = new ArrayList<>();
        Program.find("setsid").ifPresent(setsid -> command.add(setsid.toString())); // out of a Ctrl-C's reach
        command.addAll(List.of("/bin/sh", "-c", LEASH, "leash", name));
        command.addAll(List.of("--publish", "127.0.0.1:" + port + ":5672"));
        command.addAll(List.of("--env", "RABBITMQ_DEFAULT_USER=" + USER));
        command.addAll(List.of("--env", PASSWORD)); // its value from the environment: all may see a command line
        command.add(IMAGE);
        try {
            var builder = new ProcessBuilder(command).redirectErrorStream(true);
            builder.environment().put(PASSWORD, password);
            this.leash = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run /bin/sh", e);
        }
    }

    /** Whether {@code docker info} succeeds within 20 s. */
    public static boolean isPossible() {
        try {
            Program.run(null, Duration.ofSeconds(20), List.of("docker", "info"));
            return true;
        } catch (IllegalStateException | UncheckedIOException e) {
            return false; // it fails, or there is no docker command
        }
    }

    /** Starts it and waits until it takes connections, about 10 s where the image is there. A failure has its log. */
    public static ContainerRabbitMq start(QueueType type) {
        var container = new ContainerRabbitMq();
        try {
            container.awaitRun();
            container.awaitReady();
            // The server may take connections before all of it has started.
            container.ctl("await_startup");
            type.makeDefault(container, USER);
            return container;
        } catch (RuntimeException e) {
            container.close();
            throw e;
        }
    }

    @Override
    public String url() {
        return "amqp://" + USER + ":" + password + "@127.0.0.1:" + port + "/";
    }

    @Override
    public void freeze() {
        docker("pause", name);
    }

    @Override
    public void thaw() {
        docker("unpause", name);
    }

    @Override
    public void stop() {
        docker("stop", "--time", "30", name);
    }

    @Override
    public void kill() {
        docker("kill", name); // SIGKILL
    }

    @Override
    public void startAgain() {
        docker("start", name);
        awaitReady();
    }

    @Override
    public String ctl(String... arguments) {
        return Program.run(null, COMMAND, List.of("docker", "exec", name, "rabbitmqctl", "--quiet"), arguments);
    }

    @Override
    public void close() {
        try {
            leash.getOutputStream().close();
            if (!leash.waitFor(COMMAND.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IllegalStateException("docker does not remove the container " + name + " within " + COMMAND);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the container " + name + " is removed", e);
        }
    }

    /** Waits until Docker has said the container's id. */
    private void awaitRun() {
        List<String> lines = new ArrayList<>();
        var output = leash.inputReader(StandardCharsets.UTF_8).lines().peek(lines::add);
        if (output.noneMatch(line -> line.matches("[0-9a-f]{64}"))) {
            throw new IllegalStateException("docker run " + IMAGE + " failed:\n" + String.join("\n", lines));
        }
    }

    private void awaitReady() {
        Readiness.Pause pause = () -> {
            TimeUnit.NANOSECONDS.sleep(ASK_EVERY.toNanos());
            return false; // whether a container has ended is not known
        };
        Readiness.await(name, pause, START, () -> docker("logs", "--tail", "30", name), Readiness.broker(url()));
    }

    private static String docker(String... arguments) {
        return Program.run(null, COMMAND, List.of("docker"), arguments);
    }
}
