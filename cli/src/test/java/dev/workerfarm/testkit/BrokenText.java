package dev.workerfarm.testkit;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Arrays;
import javax.net.SocketFactory;

/**
 * Makes sockets that write bytes that are no UTF-8 where a program wrote a run of {@code ~}: a Java client cannot say them
 * itself, clients in other languages can. Only what is written in one piece is looked at.
 */
final class BrokenText extends SocketFactory {
    private static final byte MARK = '~';
    private static final byte NO_UTF_8 = (byte) 0xff;
    /** Shorter runs may be part of a number. */
    private static final int LEAST_RUN = 8;

    @Override
    public Socket createSocket() {
        return new Socket() {
            @Override
            public OutputStream getOutputStream() throws IOException {
                return new Breaking(super.getOutputStream());
            }
        };
    }

    @Override
    public Socket createSocket(String host, int port) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Socket createSocket(InetAddress host, int port) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Socket createSocket(InetAddress address, int port, InetAddress localAddress, int localPort) {
        throw new UnsupportedOperationException();
    }

    private static final class Breaking extends FilterOutputStream {
        Breaking(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            var broken = new byte[length];
            System.arraycopy(bytes, offset, broken, 0, length);
            for (int begin = 0, end; begin < length; begin = end + 1) {
                for (end = begin; end < length && broken[end] == MARK; ) {
                    end++;
                }
                if (end - begin >= LEAST_RUN) {
                    Arrays.fill(broken, begin, end, NO_UTF_8);
                }
            }
            out.write(broken, 0, length);
        }
    }
}
