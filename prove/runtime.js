// Plain JavaScript on purpose: an older Node must be able to read this far to be told what is wrong.
const wanted = 24
const [running] = process.versions.node.split('.').map(Number)

if (running !== wanted) {
  console.error(`This is Node ${process.versions.node}; Isobar runs on Node ${wanted}.
It comes with \`npm ci\` as the package "node", and npm scripts find it in node_modules/.bin before any other.
So either this was not started by npm (\`npm test\`, \`npm run ...\`), or install scripts were switched off
(--ignore-scripts, or an npm that asks first). To mend it:

    npm rebuild node`)
  process.exit(1)
}
