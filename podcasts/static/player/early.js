// SPDX-License-Identifier: AGPL-3.0-or-later
// Early: says before the first paint that scripts run, so that nothing moves when the player comes to life.
document.documentElement.classList.add("js");
