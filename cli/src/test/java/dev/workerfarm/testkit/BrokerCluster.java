package dev.workerfarm.testkit;

import static org.awaitility.Awaitility.await;

import dev.workerfarm.lab.node.PrivateRedis;
import dev.workerfarm.lab.node.RabbitMqNode;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A cluster of three RabbitMQ nodes on this machine, to be killed, stopped, frozen and cut off one by one, and a Redis. In a
 * partition its smaller side pauses. Whoever starts it closes it. One thread at a time.
 */
public final class BrokerCluster implements AutoCloseable {
    private static final Duration JOINED = Duration.ofSeconds(60);

    private final List<? extends RabbitMqNode> nodes;
    private final PrivateRedis redis;

    private BrokerCluster(List<? extends RabbitMqNode> nodes, PrivateRedis redis) {
        this.nodes = nodes;
        this.redis = redis;
    }

    /** Of nodes that run, of which it closes the first one last, and a Redis that it starts. */
    public static BrokerCluster of(List<? extends RabbitMqNode> nodes) {
        return new BrokerCluster(nodes, PrivateRedis.start());
    }

    public RabbitMqNode node(int index) {
        return nodes.get(index);
    }

    /** A farm whose processes know these nodes, or all where none is named. */
    public TestFarm farm(Class<?> test, Integer... known) {
        var all =
                known.length == 0 ? nodes : Arrays.stream(known).map(nodes::get).toList();
        var others = all.stream().skip(1).map(node -> "," + node.host()).collect(Collectors.joining());
        return TestFarm.on(all.get(0).url().replaceFirst("/$", others + "/"), redis.url(), test);
    }

    /** The index of the node on which a queue is, or its leader. Asked of a node that runs. */
    public int homeOf(int asked, String queue) {
        var text = node(asked)
                .ctl(
                        "eval",
                        "{ok, Q} = rabbit_amqqueue:lookup(rabbit_misc:r(<<\"/\">>, queue, <<\"" + queue + "\">>)),"
                                + " P = amqqueue:get_pid(Q), case P of {_, N} -> N; _ -> node(P) end.")
                .strip()
                .replace("'", "");
        return nodes.stream().map(RabbitMqNode::name).toList().indexOf(text);
    }

    /** Starts nodes again that were killed or stopped, all at once: one alone may wait for another. */
    public void startAgain(Integer... indexes) {
        var starts = Arrays.stream(indexes)
                .map(index -> CompletableFuture.runAsync(node(index)::startAgain))
                .toArray(CompletableFuture[]::new);
        CompletableFuture.allOf(starts).join();
    }

    /** Starts all nodes that do not run. */
    public void startWhatIsDown() {
        startAgain(IntStream.range(0, nodes.size())
                .filter(index -> !node(index).isRunning())
                .boxed()
                .toArray(Integer[]::new));
    }

    /**
     * Cuts a node off from the others, as a broken network does: connections between them end, and no new ones are taken, as
     * each side has another cookie for the other one. Clients reach both sides.
     */
    public void cutOff(int index) {
        setCookies(index, "cut");
    }

    /** Ends {@link #cutOff}, which must have held till now, and waits until all nodes run in one cluster. */
    public void heal(int index) {
        var seen = running(node((index + 1) % nodes.size()));
        if (seen != nodes.size() - 1) {
            throw new IllegalStateException("the others see " + seen + " nodes, though one was cut off");
        }
        setCookies(index, null);
        awaitWhole();
    }

    /** Waits until each node sees all others. */
    public void awaitWhole() {
        await("a whole cluster")
                .atMost(JOINED)
                .until(() -> nodes.stream().allMatch(node -> running(node) == nodes.size()));
    }

    /** How many nodes a node sees, itself among them. */
    private static int running(RabbitMqNode node) {
        return Integer.parseInt(
                node.ctl("eval", "length(rabbit_nodes:all_running()).").strip());
    }

    private void setCookies(int index, @Nullable String cookie) {
        var apart = node(index);
        var theirs = cookie == null ? "erlang:get_cookie()" : cookie;
        var own = cookie == null ? theirs : cookie + "_off"; // with the same one they would be connected again at once
        var all = new StringBuilder();
        for (var node : nodes) {
            if (node != apart) {
                node.ctl("eval", "erlang:set_cookie('" + apart.name() + "', " + theirs + ").");
                all.append("erlang:set_cookie('" + node.name() + "', " + own + "), ");
                all.append(cookie == null ? "" : "erlang:disconnect_node('" + node.name() + "'), ");
            }
        }
        apart.ctl("eval", all + "ok.");
    }

    /** Each node with its queues and their counts of messages, for the message of a failed test; takes seconds. */
    public String state() {
        var text = new StringBuilder();
        for (var node : nodes) {
            try {
                text.append(node.name())
                        .append('\n')
                        .append(node.ctl(
                                "list_queues", "--local", "name", "messages_ready", "messages_unacknowledged"));
            } catch (IllegalStateException e) { // it is down
                text.append(e.getMessage());
            }
        }
        return text.toString();
    }

    @Override
    public void close() {
        redis.close();
        for (int i = nodes.size() - 1; i >= 0; i--) {
            nodes.get(i).close();
        }
    }
}
