package dev.workerfarm.lab.node;

import dev.workerfarm.local.Leash;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A RabbitMQ node from the machine's packages, beside any other: own folder, ports and user. It has an {@code epmd} of its own,
 * or that of the first node of its cluster.
 */
public final class PrivateRabbitMq implements RabbitMqNode {
    private static final Duration START = Duration.ofSeconds(90);
    private static final Duration STOP = Duration.ofSeconds(30);
    private static final Duration CTL = Duration.ofSeconds(60);
    private static final String USER = "farm";
    private static final String PASSWORD = UUID.randomUUID().toString(); // of all nodes: one URL may have several hosts

    private final Path scripts;
    private final Scratch scratch;
    private final Map<String, String> environment;
    private final int port = Ports.free();
    private final String cookie;
    private final int epmdPort;
    private final @Nullable Leash epmd;
    private Leash node;

    private PrivateRabbitMq(Path scripts, Path epmdProgram, Scratch scratch, String settings) {
        this.scripts = scripts;
        this.scratch = scratch;
        this.cookie = UUID.randomUUID().toString();
        this.epmdPort = Ports.free();
        writeFiles(settings);
        this.environment = environment(Ports.free(), epmdPort);
        // Ours and in the foreground: the one that a node starts for itself would stay behind.
        var command = List.of(epmdProgram.toString(), "-port", String.valueOf(epmdPort), "-address", "127.0.0.1");
        this.epmd = Leash.startServer(scratch.path(), scratch.path("epmd.log"), environment, command);
        this.node = run();
    }

    /** One that joins the cluster of a node that runs (RabbitMQ, "Cluster Formation", config file peer discovery). */
    private PrivateRabbitMq(PrivateRabbitMq first, Scratch scratch, String settings) {
        this.scripts = first.scripts;
        this.scratch = scratch;
        this.cookie = first.cookie;
        this.epmdPort = first.epmdPort;
        this.epmd = null;
        writeFiles(settings + RabbitMqNode.joining(first.name(), name()));
        this.environment = environment(Ports.free(), epmdPort);
        this.node = run();
    }

    public static boolean isInstalled() {
        return scripts().isPresent() && Program.find("epmd").isPresent();
    }

    /** Starts a node, with queues of this type where a declaration names none. A failure has its log. */
    public static PrivateRabbitMq start(QueueType type) {
        return start(type, "");
    }

    /**
     * As {@link #start(QueueType)}, with these lines for its {@code rabbitmq.conf} besides ours. Lines such as {@code
     * management.tcp.port = 15672} start the management API too.
     */
    public static PrivateRabbitMq start(QueueType type, String settings) {
        var scripts = scripts().orElseThrow(() -> new IllegalStateException("no rabbitmq-server on this machine"));
        var epmd = Program.find("epmd").orElseThrow(() -> new IllegalStateException("no epmd on this machine"));
        var node = new PrivateRabbitMq(scripts, epmd, new Scratch("farm-rabbitmq-"), settings);
        try {
            node.awaitReady();
            type.makeDefault(node, USER);
            return node;
        } catch (RuntimeException e) {
            node.close();
            throw e;
        }
    }

    /**
     * Starts a cluster: these settings for each node, this type of queues by default. The first node has the {@code epmd} of
     * all: whoever closes them closes it last. A failure has the log of a node.
     */
    public static List<PrivateRabbitMq> startCluster(int size, QueueType type, String settings) {
        var nodes = new ArrayList<PrivateRabbitMq>();
        try {
            nodes.add(start(QueueType.classic, settings));
            for (int i = 1; i < size; i++) {
                nodes.add(new PrivateRabbitMq(nodes.get(0), new Scratch("farm-rabbitmq-"), settings));
            }
            nodes.forEach(PrivateRabbitMq::awaitReady);
            type.makeDefault(nodes.get(0), USER);
            return nodes;
        } catch (RuntimeException e) {
            Collections.reverse(nodes);
            nodes.forEach(PrivateRabbitMq::close);
            throw e;
        }
    }

    @Override
    public String url() {
        return "amqp://" + USER + ":" + PASSWORD + "@" + host() + "/";
    }

    @Override
    public String host() {
        return "127.0.0.1:" + port;
    }

    @Override
    public String name() {
        return "farm-test-" + port + "@localhost";
    }

    @Override
    public void freeze() {
        node.freeze();
    }

    @Override
    public void thaw() {
        node.thaw();
    }

    /** The process id of the Erlang VM that runs now, or ran last. */
    public long pid() {
        return node.pid();
    }

    @Override
    public boolean isRunning() {
        return node.isAlive();
    }

    @Override
    public void stop() {
        node.terminate(STOP);
    }

    @Override
    public void kill() {
        node.close();
    }

    @Override
    public void startAgain() {
        if (node.isAlive()) {
            throw new IllegalStateException("the node still runs");
        }
        node = run();
        awaitReady();
    }

    @Override
    public String ctl(String... arguments) {
        var program = List.of(scripts.resolve("rabbitmqctl").toString(), "--quiet");
        return Program.run(environment, CTL, program, arguments);
    }

    /** Ends the node, and its own {@code epmd}, at once, and removes its folder. */
    @Override
    public void close() {
        try {
            node.close();
            if (epmd != null) {
                epmd.close();
            }
        } finally {
            scratch.close();
        }
    }

    private Leash run() {
        var command = List.of(scripts.resolve("rabbitmq-server").toString());
        return Leash.startServer(scratch.path(), scratch.path("console.log"), environment, command);
    }

    private void awaitReady() {
        var logs = List.of(scratch.path("console.log"), scratch.path("node.log"));
        Readiness.await("the private RabbitMQ node", node, START, logs, Readiness.broker(url()));
    }

    /** The folder of RabbitMQ's own scripts; Debian's wrapper around them insists on root or the rabbitmq user. */
    private static Optional<Path> scripts() {
        return Stream.concat(
                        Program.find("rabbitmq-server").map(PrivateRabbitMq::realFolder).stream(),
                        Stream.of(Path.of("/usr/lib/rabbitmq/bin")))
                .filter(folder -> Stream.of("rabbitmq-server", "rabbitmqctl", "rabbitmq-env")
                        .allMatch(script -> Files.exists(folder.resolve(script))))
                .findFirst();
    }

    private static Path realFolder(Path program) {
        try {
            return program.toRealPath().resolveSibling("");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void writeFiles(String settings) {
        scratch.folder("home");
        scratch.file("home/.erlang.cookie", cookie, "r--------");
        scratch.file("env.conf", "", "rw-------");
        var plugins = settings.contains("management.") ? "rabbitmq_management" : "";
        scratch.file("enabled_plugins", "[" + plugins + "].", "rw-------");
        scratch.file("advanced.config", "[].", "rw-------");
        scratch.file("rabbitmq.conf", """
                listeners.tcp.1 = 127.0.0.1:%s
                default_user = %s
                default_pass = %s
                vm_memory_high_watermark.absolute = 1GB
                disk_free_limit.absolute = 50MB
                """.formatted(port, USER, PASSWORD) + settings, "rw-------");
    }

    /** Nothing is inherited but the PATH: a variable of RabbitMQ's on this machine is not about this node. */
    private Map<String, String> environment(int distributionPort, int epmdPort) {
        Map<String, String> all = new HashMap<>();
        all.put("PATH", System.getenv().getOrDefault("PATH", "/usr/local/bin:/usr/bin:/bin"));
        all.put("LC_ALL", "C.UTF-8");
        all.put("HOME", scratch.path("home").toString());
        all.put("RABBITMQ_CONF_ENV_FILE", scratch.path("env.conf").toString()); // empty: hides the system's
        all.put("RABBITMQ_NODENAME", name());
        all.put("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1");
        all.put("RABBITMQ_NODE_PORT", String.valueOf(port));
        all.put("RABBITMQ_DIST_PORT", String.valueOf(distributionPort));
        all.put("ERL_EPMD_PORT", String.valueOf(epmdPort));
        all.put("ERL_EPMD_ADDRESS", "127.0.0.1");
        all.put("RABBITMQ_MNESIA_BASE", scratch.folder("mnesia").toString());
        all.put("RABBITMQ_LOG_BASE", scratch.path().toString());
        all.put("RABBITMQ_LOGS", scratch.path("node.log").toString());
        all.put("RABBITMQ_ENABLED_PLUGINS_FILE", scratch.path("enabled_plugins").toString());
        all.put("RABBITMQ_CONFIG_FILE", scratch.path("rabbitmq.conf").toString());
        all.put("RABBITMQ_ADVANCED_CONFIG_FILE", scratch.path("advanced.config").toString());
        all.put("RABBITMQ_GENERATED_CONFIG_DIR", scratch.folder("generated").toString());
        all.put("RABBITMQ_PID_FILE", scratch.path("node.pid").toString());
        all.put(
                "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS",
                "-kernel inet_dist_use_interface {127,0,0,1} +S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none");
        // Makes the script become the Erlang VM instead of waiting for it, so that signals reach the VM itself.
        all.put("RUNNING_UNDER_SYSTEMD", "true");
        return Map.copyOf(all);
    }
}
