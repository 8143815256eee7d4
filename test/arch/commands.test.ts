import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const { scripts, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: Readonly<Record<string, string>>
  devDependencies: Readonly<Record<string, string>>
}

it('every command looks first at the Node that it was given', () => {
  const blind = Object.entries(scripts).filter(([, script]) => !script.startsWith('node prove/runtime.js && '))
  expect(blind).toEqual([])
})

it('another Node is refused with the reason and the remedy, and the one that comes along is taken', () => {
  const run = (version: string) => {
    const lie = `data:text/javascript,Object.defineProperty(process.versions,'node',{value:'${version}'})`
    return spawnSync(process.execPath, ['--import', lie, 'prove/runtime.js'], { cwd: root, encoding: 'utf8' })
  }
  for (const version of ['20.19.0', '26.0.0']) {
    const { status, stderr } = run(version)
    expect(status).toBe(1)
    expect(stderr).toMatch(new RegExp(`^This is Node ${version}; Isobar runs on Node 24\\.`))
    expect(stderr).toContain('npm rebuild node')
  }
  expect(run(devDependencies['node']!)).toMatchObject({ status: 0, stdout: '', stderr: '' })
})

it('the pages name no command that there is not', () => {
  const pages = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...globSync('docs/**/*.md', { cwd: root })]
  const named = pages.flatMap((page) =>
    [...readFileSync(join(root, page), 'utf8').matchAll(/`(?:[^`]* )?npm run ([\w-]+)/g)].map(([, name = '']) => name),
  )
  expect(named.length).toBeGreaterThan(10)
  expect(named.filter((name) => scripts[name] === undefined)).toEqual([])
})
