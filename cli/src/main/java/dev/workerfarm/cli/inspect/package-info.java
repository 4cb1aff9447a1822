/** The commands that look at a farm and revoke its tasks. */
@NullMarked
package dev.workerfarm.cli.inspect;

import org.jspecify.annotations.NullMarked;
