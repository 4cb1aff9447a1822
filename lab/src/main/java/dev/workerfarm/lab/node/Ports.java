package dev.workerfarm.lab.node;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Free TCP ports on 127.0.0.1. Between the choice and the start of the node that takes the port seconds go by, in which another process
 * may choose too: so this process holds the UDP port of the same number, which nobody uses, until it ends.
 */
public final class Ports {
    // Below Linux's range for outgoing connections (32768 on): a node that is down must find its port free again.
    private static final int FIRST = 20_000;
    private static final int LAST = 32_000;
    private static final int NEVER = 25_672; // a default node's distribution port, never to be shared

    private static final Queue<DatagramSocket> CLAIMS = new ConcurrentLinkedQueue<>();

    private Ports() {}

    public static int free() {
        for (int i = 0; i < 1000; i++) {
            var port = ThreadLocalRandom.current().nextInt(FIRST, LAST);
            if (port != NEVER && isFree(port) && claim(port)) {
                return port;
            }
        }
        throw new IllegalStateException("no free port from " + FIRST + " to " + LAST);
    }

    /** False where another process of ours has chosen it, or this one before. */
    private static boolean claim(int port) {
        try {
            CLAIMS.add(new DatagramSocket(port, InetAddress.getLoopbackAddress()));
            return true;
        } catch (SocketException e) {
            return false;
        }
    }

    private static boolean isFree(int port) {
        try (var socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
