package dev.workerfarm.lab.node;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A RabbitMQ 4 in a container, by the {@code docker} command. */
public final class ContainerRabbitMq implements RabbitMqNode {
    private static final String IMAGE = "rabbitmq:4-management";
    private static final Duration START = Duration.ofMinutes(2);
    private static final Duration COMMAND = Duration.ofSeconds(60);
    private static final Duration ASK_EVERY = Duration.ofMillis(100);
    private static final String USER = "farm";
    private static final String PASSWORD = "RABBITMQ_DEFAULT_PASS";

    private static final String PASSWORD_VALUE =
            UUID.randomUUID().toString(); // of all nodes: one URL may have several hosts

    private static final String SETTINGS = "FARM_SETTINGS";

    /** The container's command: it writes our settings to a file and then starts the image as usual. */
    private static final String RUN = """
            mkdir -p /etc/rabbitmq/conf.d && printf %%s "$%s" >/etc/rabbitmq/conf.d/90-farm.conf
            exec docker-entrypoint.sh rabbitmq-server
            """.formatted(SETTINGS);

    /** Runs the container until its standard input ends, which this JVM holds open, however this JVM ends. */
    private static final String LEASH = """
            name=$1 network=$2; shift 2
            docker run --detach --name "$name" "$@" || { docker rm --force --volumes "$name"; exit 1; } >/dev/null 2>&1
            read -r _
            docker rm --force --volumes "$name" >/dev/null 2>&1
            [ -n "$network" ] || exit 0
            for _ in 1 2 3 4 5 6 7 8 9; do # other containers may be in it still
              docker network rm "$network" >/dev/null 2>&1 && break || sleep 1
            done
            """;

    private final String name = "farm-rabbitmq-" + UUID.randomUUID();
    private final int port = Ports.free();
    private final Process leash;

    /**
     * @param settings lines for its {@code rabbitmq.conf}
     * @param network of its cluster, or null
     * @param first the node that it joins, or null: with this one its network is removed
     */
    private ContainerRabbitMq(String settings, @Nullable String network, @Nullable ContainerRabbitMq first) {
        List<String> command = new ArrayList<>();
        Program.find("setsid").ifPresent(setsid -> command.add(setsid.toString())); // out of a Ctrl-C's reach
        command.addAll(List.of("/bin/sh", "-c", LEASH, "leash", name, network == null || first != null ? "" : network));
        command.addAll(List.of("--publish", "127.0.0.1:" + port + ":5672"));
        command.addAll(List.of("--env", "RABBITMQ_DEFAULT_USER=" + USER));
        command.addAll(List.of("--env", PASSWORD)); // its value from the environment: all may see a command line
        if (network != null) {
            command.addAll(List.of("--network", network, "--hostname", name));
            // RabbitMQ 4.0 may fail to start ("node_not_running") where another node of its cluster starts at the same
            // time.
            command.addAll(List.of("--restart", "on-failure:3"));
            for (var program : List.of("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "RABBITMQ_CTL_ERL_ARGS")) {
                command.addAll(List.of("--env", program + "=-setcookie " + network));
            }
        }
        var joining = first == null ? "" : RabbitMqNode.joining(first.name(), name());
        command.addAll(
                List.of("--env", SETTINGS + "=" + settings + joining, "--entrypoint", "/bin/sh", IMAGE, "-c", RUN));
        try {
            var builder = new ProcessBuilder(command).redirectErrorStream(true);
            builder.environment().put(PASSWORD, PASSWORD_VALUE);
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
        var container = new ContainerRabbitMq("", null, null);
        try {
            container.awaitStartup();
            type.makeDefault(container, USER);
            return container;
        } catch (RuntimeException e) {
            container.close();
            throw e;
        }
    }

    /** Starts a cluster as {@link PrivateRabbitMq#startCluster}, in a network of its own. Close the first node last: it removes the network. */
    public static List<ContainerRabbitMq> startCluster(int size, QueueType type, String settings) {
        var network = "farm-cluster-" + UUID.randomUUID();
        docker("network", "create", network);
        List<ContainerRabbitMq> nodes = new ArrayList<>();
        try {
            for (int i = 0; i < size; i++) {
                nodes.add(new ContainerRabbitMq(settings, network, i == 0 ? null : nodes.get(0)));
                nodes.get(i).awaitStartup();
            }
            type.makeDefault(nodes.get(0), USER);
            return nodes;
        } catch (RuntimeException e) {
            Collections.reverse(nodes);
            nodes.forEach(ContainerRabbitMq::close);
            throw e;
        }
    }

    @Override
    public String url() {
        return "amqp://" + USER + ":" + PASSWORD_VALUE + "@" + host() + "/";
    }

    @Override
    public String host() {
        return "127.0.0.1:" + port;
    }

    @Override
    public String name() {
        return "rabbit@" + name;
    }

    @Override
    public boolean isRunning() {
        return docker("inspect", "--format", "{{.State.Running}}", name).strip().equals("true");
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

    /** The server may take connections before all of it has started. */
    private void awaitStartup() {
        awaitRun();
        awaitReady();
        ctl("await_startup");
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
